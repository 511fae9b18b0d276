/** What an event does to our own tables: each event once, whatever comes again. */

export const RESULTS = "imports.results";
export const JOB_EVENTS = "imports.job-events";

/** Tell whether events of a type on a topic do anything here. */
export function hasEffect(topic, ceType) {
  return EFFECTS.has(`${topic} ${ceType}`);
}

/**
 * Apply an event within the caller's transaction; return whether it was new to us.
 *
 * The insert and the effect commit together or not at all: that is all there is to "exactly once".
 */
export async function handle(db, event) {
  const effect = EFFECTS.get(`${event.topic} ${event.ceType}`);
  if (effect === undefined || event.body.dryRun) {
    return false; // not for us, or of an import that wrote nothing
  }
  const { rowCount } = await db.query(
    "INSERT INTO sales.handled_events (ce_id) VALUES ($1) ON CONFLICT DO NOTHING",
    [event.ceId],
  );
  if (rowCount === 1) {
    await effect(db, event);
  }
  return rowCount === 1;
}

/** Sums do not mind in which order chunks come, nor whether the end came first. */
async function countChunk(db, { body }) {
  await db.query(
    `INSERT INTO sales.arrivals AS a (job_id, chunks, rows, rejected) VALUES ($1, 1, $2, $3)
     ON CONFLICT (job_id) DO UPDATE SET chunks = a.chunks + 1,
       rows = a.rows + excluded.rows, rejected = a.rejected + excluded.rejected`,
    [body.jobId, body.inserted + body.updated, body.failed],
  );
}

/**
 * An import may end more than once: retried (run), corrected (healed), undone.
 *
 * Ends may come late, so the newest one is kept, not the last that came.
 */
async function noteEnd(db, { ceId, body }) {
  const rows = body.inserted + body.updated - (body.undone ?? 0);
  await db.query(
    `INSERT INTO sales.imports AS i (job_id, run, healed, is_undone, status, rows, correction_of)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (job_id) DO UPDATE SET run = excluded.run, healed = excluded.healed,
       is_undone = excluded.is_undone, status = excluded.status, rows = excluded.rows
     WHERE (i.is_undone, i.run, i.healed)
         < (excluded.is_undone, excluded.run, excluded.healed)`,
    [
      body.jobId,
      body.run,
      body.healed ?? 0,
      body.status === "undone",
      body.status,
      rows,
      body.correctionOf ?? null,
    ],
  );
  await db.query("INSERT INTO sales.messages (ce_id, text) VALUES ($1, $2)", [
    ceId,
    `import ${body.jobId} is ${body.status}: ${rows} rows`,
  ]);
}

const EFFECTS = new Map([
  [`${RESULTS} io.sluice.imports.chunk-written.v1`, countChunk],
  // It is on both topics, with one id. Taken from one, its rows are one instance's alone
  [`${JOB_EVENTS} io.sluice.imports.job-finished.v1`, noteEnd],
]);
