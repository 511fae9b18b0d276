/** What can be done about an import that has ended: pure, from what is known of it. */

import { isTerminal } from "./snapshot.js";

const CORRECTABLE = new Set(["completed_with_errors", "failed"]);

/**
 * Return what is offered: `{download, upload, undo}`.
 * A dry run wrote nothing, so nothing of it can be mended or undone; a correction belongs to its
 * root; and while one thing goes on, another has to wait.
 */
export function mendingOf({ snapshot, right }) {
  const nothing = { download: false, upload: false, undo: false };
  if (snapshot === null || !isTerminal(snapshot.status)) return nothing;
  const { status, data } = snapshot;
  const isOwn = !data.correctionOf;
  const mayControl = right === "control" || right === "own";
  const hasFailed = (data.failedRows ?? 0) > 0 && status !== "undone";
  const isFree = !data.dryRun && !data.ongoing && isOwn && status !== "undone";
  return {
    download: mayControl && hasFailed,
    upload: mayControl && hasFailed && isFree && CORRECTABLE.has(status),
    undo: right === "own" && isFree && (data.successRows ?? 0) > 0,
  };
}

/** Return the causes, the most frequent first: `[{where, code, count, lines}]`. */
export function causesOf(summary) {
  const causes = (summary.kinds ?? []).map(({ column, header, field, code, count, samples = [] }) => ({
    where: [column, header ?? field].filter(Boolean).join(" · "),
    code,
    count,
    lines: samples.map((sample) => sample.line).filter(Number.isInteger),
  }));
  return causes.sort((one, other) => other.count - one.count);
}
