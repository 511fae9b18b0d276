import assert from "node:assert/strict";
import test from "node:test";

import { paceOf, resultOf, undoOf } from "../../src/progress_gateway/static/model/finish.js";

const snapshot = (status, data = {}) => ({ jobId: "j", status, version: 1, data });
const told = (found) => found.parts.map(({ name, count }) => `${name} ${count}`).join(" + ");

test("before the end there is no result", () => {
  assert.equal(resultOf(null), null);
  assert.equal(resultOf(snapshot("processing", { insertedRows: 5 })), null);
  assert.equal(resultOf(snapshot("paused", { insertedRows: 5 })), null);
});

test("the parts add up to the rows, and those that nobody looks for are left out", () => {
  const data = { insertedRows: 90, updatedRows: 5, skippedRows: 0, failedRows: 3, unprocessedRows: 2, totalRows: 100 };
  const found = resultOf(snapshot("cancelled", data));
  assert.equal(told(found), "inserted 90 + updated 5 + failed 3 + unprocessed 2");
  assert.equal(found.total, 100);
  assert.equal(found.isEstimate, false);
  assert.equal(told(resultOf(snapshot("completed"))), "inserted 0 + failed 0", "of no rows too");
});

test("a total that is a guess is said to be one, and is never less than its parts", () => {
  const data = { insertedRows: 90, unprocessedRows: 0, totalRows: 80, totalIsEstimate: true };
  assert.deepEqual(
    [resultOf(snapshot("failed", data)).total, resultOf(snapshot("failed", data)).isEstimate],
    [90, true],
  );
});

test("an undo tells what came back and what stayed", () => {
  const undo = { state: "done", total: 10, reversed: 7, kept: 3, refused: 0 };
  const found = undoOf(snapshot("undone", { undo }));
  assert.equal(told(found), "reversed 7 + kept 3");
  assert.deepEqual([found.total, found.stayed], [10, 3]);
  assert.equal(undoOf(snapshot("completed", { undo: { ...undo, state: "running" } })), null);
  assert.equal(undoOf(snapshot("completed", { undo: null })), null);
});

test("the pace is that of the whole run, and unknown for one that took no time", () => {
  const data = (seconds, processedRows) => ({ processedRows, summary: { seconds } });
  assert.deepEqual(paceOf(snapshot("completed", data(4, 1000))), { seconds: 4, rowsPerSecond: 250 });
  assert.equal(paceOf(snapshot("completed", data(0, 0))).rowsPerSecond, null);
  assert.equal(paceOf(snapshot("completed", { summary: null })), null);
});
