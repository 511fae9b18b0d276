/** What can be done about an import that has ended: pure, from what is known of it. */

import { isTerminal } from "./snapshot.js";

const CORRECTABLE = new Set(["completed_with_errors", "failed"]);
/** Of these the rows that were not reached can be had as a file. */
const UNPROCESSED = new Set(["failed", "cancelled"]);

/**
 * Return what is offered: `{download, upload, undo, unprocessed}`.
 * A dry run wrote nothing, so nothing of it can be mended or undone; a correction belongs to its
 * root; and while one thing goes on, another has to wait.
 */
export function mendingOf({ snapshot, right }) {
  const nothing = { download: false, upload: false, undo: false, unprocessed: false };
  if (snapshot === null || !isTerminal(snapshot.status)) return nothing;
  const { status, data } = snapshot;
  const isOwn = !data.correctionOf;
  const mayControl = right === "control" || right === "own";
  const hasFailed = (data.failedRows ?? 0) > 0 && status !== "undone";
  const isFree = !data.dryRun && !data.ongoing && isOwn && status !== "undone";
  return {
    download: mayControl && hasFailed,
    upload: mayControl && hasFailed && isFree && CORRECTABLE.has(status),
    unprocessed: mayControl && UNPROCESSED.has(status) && (data.unprocessedRows ?? 0) > 0,
    undo: right === "own" && isFree && (data.successRows ?? 0) > 0,
  };
}

/**
 * Watch a corrected file that the server has taken, from the healed rows `before` it; return
 * `look(snapshot, hasEnded)`: `{healed, failed}` when its rows are written or have failed again, null
 * until then. `hasEnded`: the stream that was opened for it is over.
 */
export function watchCorrection(before) {
  let isSeen = false;
  return ({ data }, hasEnded = false) => {
    const { healedRows = 0, failedRows = 0, ongoing = null } = data;
    if (ongoing === "correction") isSeen = true;
    // A short one, or one in a hidden tab, may be over before it is seen
    const isOver = ongoing === null && (isSeen || hasEnded || healedRows > before);
    return isOver ? { healed: healedRows - before, failed: failedRows } : null;
  };
}

/**
 * Return the causes, the most frequent first: `[{filter, where, code, count, lines, share}]`.
 * `where` is "" for the row as a whole; `share` is of the most frequent one.
 */
export function causesOf(summary) {
  const kinds = [...(summary.kinds ?? [])].sort((one, other) => other.count - one.count);
  return kinds.map(({ column, header, field, code, count, samples = [] }) => ({
    filter: { column: column ?? "", code },
    where: [column, header ?? field].filter(Boolean).join(" · "),
    code,
    count,
    lines: samples.map((sample) => sample.line).filter(Number.isInteger),
    share: count / Math.max(1, kinds[0].count),
  }));
}
