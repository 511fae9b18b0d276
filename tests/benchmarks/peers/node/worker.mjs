// Takes batches from the queue and inserts each with one multi-row INSERT.
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";

const COLUMNS = [
  "order_id", "customer_name", "email", "sku", "quantity", "unit_price", "currency",
  "ordered_at", "shipped", "note",
];
const pauseMs = Number(process.argv[2]);
const concurrency = pauseMs > 0 ? 1 : 4;
const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL, max: concurrency });

function insertOf(rows) {
  const width = COLUMNS.length;
  const places = rows.map((_, row) => {
    const cells = COLUMNS.map((_, column) => `$${row * width + column + 1}`);
    return `(${cells.join(",")})`;
  });
  return `INSERT INTO orders (${COLUMNS.join(",")}) VALUES ${places.join(",")}`;
}

// The text of a full batch is always the same; named, it is parsed once by each connection.
const texts = new Map();
function textFor(rows) {
  if (!texts.has(rows.length)) texts.set(rows.length, insertOf(rows));
  return texts.get(rows.length);
}

async function insert({ data: rows }) {
  await pool.query({ name: `insert-${rows.length}`, text: textFor(rows), values: rows.flat() });
  if (pauseMs > 0) await sleep(pauseMs);
}

const connection = new Redis(process.env.PEER_REDIS_URL, { maxRetriesPerRequest: null });
const worker = new Worker("orders", insert, { connection, concurrency });
process.on("message", async () => {
  await worker.close();
  await pool.end();
  process.exit(0);
});
await worker.waitUntilReady();
process.send("ready");
