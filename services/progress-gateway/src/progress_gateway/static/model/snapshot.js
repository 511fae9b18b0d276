/** What the page knows of a job, from the messages it got. Pure: versions never step back. */

const LISTS = ["errors", "insertedIds", "recentBatches"];
const MAX_SAMPLES = 240;
const TERMINAL = new Set(["completed", "completed_with_errors", "failed", "cancelled", "undone"]);

/** Tell whether a job with this status has come to its end. */
export function isTerminal(status) {
  return TERMINAL.has(status);
}

/** Tell whether nothing comes any more: an ended job may still be corrected or undone. */
export function isOver(snapshot) {
  return snapshot !== null && isTerminal(snapshot.status) && !snapshot.data.ongoing;
}

/**
 * Return the newer of what is known and a message, lists kept where the message has none:
 * they ride only on some. A message of the same version counts, its pace may be newer.
 */
export function merged(known, message) {
  if (!message.data) return known;
  if (known !== null && message.version < known.version) return known;
  const data = { ...(known?.data ?? {}), ...message.data };
  for (const name of LISTS) {
    if (!message.data[name]?.length) data[name] = known?.data[name] ?? [];
  }
  const { jobId, status, version } = message;
  return { jobId, status, version, data };
}

/** Return the pace samples with one more; every second one goes when there are too many. */
export function withSample(samples, snapshot, nowMs) {
  const rowsPerSecond = snapshot?.data.rowsPerSecond;
  if (typeof rowsPerSecond !== "number") return samples;
  const all = [...samples, { atMs: nowMs, rowsPerSecond }];
  return all.length <= MAX_SAMPLES ? all : all.filter((_, at) => at % 2 === 1);
}

/** Return the widths of the bar's parts in percent: rows written, rows failed. */
export function barParts(data) {
  const { percentage = 0, processedRows = 0, failedRows = 0, totalRows = null } = data;
  if (!processedRows) return { done: totalRows === 0 ? 0 : percentage, failed: 0 };
  const failed = (percentage * failedRows) / processedRows;
  return { done: percentage - failed, failed };
}

/**
 * Return the four phases and how far each is: `waiting | active | done | warned | failed`.
 * Reading and writing overlap: rows are written while the sheet is still being read.
 */
export function phasesOf(snapshot) {
  const status = snapshot?.status ?? "pending";
  const data = snapshot?.data ?? {};
  const isRead = data.totalIsEstimate === false;
  const hasRows = (data.processedRows ?? 0) > 0;
  const stopped = status === "failed" || status === "cancelled";
  const halt = status === "failed" ? "failed" : "warned";
  const ended = { completed: "done", completed_with_errors: "warned", undone: "warned" }[status];
  if (ended) return { upload: "done", read: "done", write: "done", done: ended };
  if (stopped) {
    return {
      upload: "done",
      read: isRead ? "done" : halt,
      write: isRead || hasRows ? halt : "waiting",
      done: "waiting",
    };
  }
  return {
    upload: "done",
    read: isRead ? "done" : "active",
    write: hasRows || isRead ? "active" : "waiting",
    done: "waiting",
  };
}

/**
 * Return the tone of a status with its counts: amber for anything short of all rows written, and
 * for no rows at all, never green; red when nothing could be written.
 */
export function toneOf(status, { failedRows = 0, successRows, totalRows } = {}) {
  if (status === "failed") return "bad";
  if (status === "completed_with_errors") return failedRows > 0 && successRows === 0 ? "bad" : "warned";
  if (status === "completed") return failedRows > 0 || totalRows === 0 ? "warned" : "good";
  return ["cancelled", "undone", "retrying", "paused"].includes(status) ? "warned" : "busy";
}

const SURE_PERCENT = 5;

/**
 * Return how many rows there will be, while nobody has counted them: what the file's head promised,
 * then what was read so far over the part of the file that it takes.
 */
export function aboutTotal({ totalRows, processedRows, percentage }) {
  if (!(percentage >= SURE_PERCENT) || percentage >= 100 || !processedRows) return totalRows;
  return Math.round((processedRows * 100) / percentage);
}
