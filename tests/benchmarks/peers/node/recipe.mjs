// The usual Node recipe: ExcelJS streams the sheet, BullMQ carries batches of 1,000 rows through
// Redis to a worker in a process of its own, which inserts them with pg.
//
// node recipe.mjs FILE [PAUSE_MS]: with a pause the worker takes one batch after the other.
import { fork } from "node:child_process";
import { once } from "node:events";
import { Queue, QueueEvents } from "bullmq";
import ExcelJS from "exceljs";
import { Redis } from "ioredis";

const BATCH_ROWS = 1000;
const COLUMNS = 10;
// Redis would otherwise hold the whole sheet when the worker is slower than the reader.
const MOST_PENDING = 64;

const [path, pauseMs = "0"] = process.argv.slice(2);
const connection = new Redis(process.env.PEER_REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue("orders", { connection });
const events = new QueueEvents("orders", { connection });
let pending = 0;
events.on("completed", () => {
  pending -= 1;
});
events.on("failed", ({ failedReason }) => {
  console.error(failedReason);
  process.exit(1);
});

async function pendingAtMost(most) {
  while (pending > most) await once(events, "completed");
}

async function add(rows) {
  pending += 1;
  await queue.add("batch", rows, {
    attempts: 3,
    backoff: { type: "exponential", delay: 1000 },
    removeOnComplete: true,
  });
  await pendingAtMost(MOST_PENDING);
}

async function readAll() {
  const workbook = new ExcelJS.stream.xlsx.WorkbookReader(path, {
    worksheets: "emit",
    sharedStrings: "cache",
    styles: "cache",
    hyperlinks: "ignore",
  });
  let rows = [];
  for await (const sheet of workbook) {
    for await (const row of sheet) {
      if (row.number === 1) continue;
      const values = row.values;
      const cells = new Array(COLUMNS);
      for (let index = 0; index < COLUMNS; index += 1) cells[index] = values[index + 1] ?? null;
      rows.push(cells);
      if (rows.length === BATCH_ROWS) {
        await add(rows);
        rows = [];
      }
    }
  }
  if (rows.length > 0) await add(rows);
}

const worker = fork(new URL("worker.mjs", import.meta.url), [pauseMs]);
await Promise.all([once(worker, "message"), events.waitUntilReady()]);
await readAll();
await pendingAtMost(0);
worker.send("end");
const [code] = await once(worker, "exit");
await events.close();
await queue.close();
await connection.quit();
process.exit(code);
