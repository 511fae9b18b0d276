/**
 * For a late joiner: takes ended imports over HTTP, where Kafka has forgotten them.
 *
 * Run it once, while `consumer.mjs` runs already. What both find has the same id and takes effect
 * once.
 */

import { readFile } from "node:fs/promises";

import pg from "pg";

import { JOB_EVENTS, handle } from "./effects.mjs";

const ENDED = ["completed", "completed_with_errors", "failed", "cancelled", "undone"];
const PAGE = 200;
const { SLUICE_URL, SLUICE_TOKEN, DATABASE_URL } = process.env;

/** Yield every job of a status that the token may see. */
async function* jobsOf(status) {
  let cursor = null;
  do {
    const url = new URL("/api/jobs", SLUICE_URL);
    url.search = new URLSearchParams({ status, limit: PAGE, ...(cursor && { cursor }) });
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${SLUICE_TOKEN}` } });
    if (!answer.ok) {
      throw new Error(`${url.pathname}: ${answer.status} ${await answer.text()}`);
    }
    const page = await answer.json();
    yield* page.jobs;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

/** Return the job's last `job-finished`, with the id that it has on Kafka. */
function endOf(job) {
  const identity = [job.jobId, "job-finished", job.run];
  if (job.status === "undone") {
    identity.push("undone");
  } else if (job.healedRows > 0) {
    identity.push(job.healedRows);
  }
  return {
    topic: JOB_EVENTS,
    ceId: identity.join(":"),
    ceType: "io.sluice.imports.job-finished.v1",
    body: {
      jobId: job.jobId,
      run: job.run,
      status: job.status,
      inserted: job.insertedRows,
      updated: job.updatedRows,
      healed: job.healedRows,
      undone: job.undoneRows,
      correctionOf: job.correctionOf,
      dryRun: job.dryRun,
    },
  };
}

const db = new pg.Client({ connectionString: DATABASE_URL });
await db.connect();
await db.query(await readFile(new URL("schema.sql", import.meta.url), "utf8"));
let seen = 0;
let fresh = 0;
for (const status of ENDED) {
  for await (const job of jobsOf(status)) {
    await db.query("BEGIN");
    fresh += (await handle(db, endOf(job))) ? 1 : 0;
    await db.query("COMMIT");
    seen += 1;
  }
}
await db.end();
console.log(`${seen} imports, ${fresh} that were new`);
