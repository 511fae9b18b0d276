/** How an import ended, in numbers that add up to its rows. Pure. */

import { isTerminal } from "./snapshot.js";

const PARTS = ["inserted", "updated", "skipped", "failed", "unprocessed"];
/** So many rows and no fewer are always named, even when there are none. */
const ALWAYS = new Set(["inserted", "failed"]);

/**
 * Return `{parts: [{name, count}], total, isEstimate}`, null before the end.
 * The parts add up to the total; one of no rows is left out unless people look for it.
 */
export function resultOf(snapshot) {
  if (snapshot === null || !isTerminal(snapshot.status)) return null;
  const { data } = snapshot;
  const parts = PARTS.map((name) => ({ name, count: data[`${name}Rows`] ?? 0 }));
  const sum = parts.reduce((all, { count }) => all + count, 0);
  return {
    parts: parts.filter(({ name, count }) => count > 0 || ALWAYS.has(name)),
    total: data.totalIsEstimate ? Math.max(sum, data.totalRows ?? 0) : sum,
    isEstimate: data.totalIsEstimate === true,
  };
}

/** Return what became of the rows of an undone import, or null when nobody undid it. */
export function undoOf(snapshot) {
  const undo = snapshot?.data.undo;
  if (!undo || snapshot.status !== "undone") return null;
  const { reversed = 0, kept = 0, refused = 0 } = undo;
  const parts = [
    { name: "reversed", count: reversed },
    { name: "kept", count: kept },
    { name: "refused", count: refused },
  ];
  return {
    parts: parts.filter(({ name, count }) => count > 0 || name === "reversed"),
    total: reversed + kept + refused,
    stayed: kept + refused,
  };
}

/** Return `{seconds, rowsPerSecond}` of an ended import; null where it is not known. */
export function paceOf(snapshot) {
  const seconds = snapshot?.data.summary?.seconds;
  if (typeof seconds !== "number") return null;
  const rows = snapshot.data.processedRows ?? 0;
  return { seconds, rowsPerSecond: seconds > 0 && rows > 0 ? rows / seconds : null };
}
