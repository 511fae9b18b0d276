import assert from "node:assert/strict";
import test from "node:test";

import { aboutTotal, barParts, merged, phasesOf, toneOf, withSample } from "../../src/progress_gateway/static/model/snapshot.js";

const snapshot = (status, data = {}) => ({ jobId: "j", status, version: 1, data });

test("the bar's parts add up to the percentage", () => {
  const parts = barParts({ percentage: 60, processedRows: 600, failedRows: 60 });
  assert.deepEqual(parts, { done: 54, failed: 6 });
  assert.deepEqual(barParts({ percentage: 3 }), { done: 3, failed: 0 });
});

test("a message of the same version brings the newer pace", () => {
  const known = merged(null, snapshot("processing", { rowsPerSecond: 5 }));
  assert.equal(merged(known, snapshot("processing", { rowsPerSecond: 7 })).data.rowsPerSecond, 7);
});

test("reading and writing are under way together until the total is known", () => {
  const early = phasesOf(snapshot("processing", { totalIsEstimate: true, processedRows: 5 }));
  assert.deepEqual(early, { upload: "done", read: "active", write: "active", done: "waiting" });
  const late = phasesOf(snapshot("processing", { totalIsEstimate: false, processedRows: 5 }));
  assert.deepEqual([late.read, late.write], ["done", "active"]);
  assert.equal(phasesOf(snapshot("pending", { totalIsEstimate: true })).write, "waiting");
});

test("a failure marks the phases that did not end", () => {
  const strip = phasesOf(snapshot("failed", { totalIsEstimate: false, processedRows: 5 }));
  assert.deepEqual(strip, { upload: "done", read: "done", write: "failed", done: "waiting" });
});

test("an end with rejected rows is never green", () => {
  const some = { totalRows: 9, successRows: 6, failedRows: 3 };
  assert.equal(toneOf("completed_with_errors", some), "warned");
  assert.equal(toneOf("completed", some), "warned");
  assert.equal(toneOf("completed", { totalRows: 9, successRows: 9, failedRows: 0 }), "good");
  assert.equal(phasesOf(snapshot("completed_with_errors")).done, "warned");
});

test("an end without a row written is red, and one without rows is no success", () => {
  assert.equal(toneOf("completed_with_errors", { totalRows: 3, successRows: 0, failedRows: 3 }), "bad");
  assert.equal(toneOf("completed", { totalRows: 0, successRows: 0, failedRows: 0 }), "warned");
  assert.equal(toneOf("failed"), "bad");
});

test("samples stay few however long a run is, and keep the newest", () => {
  let samples = [];
  for (let at = 0; at < 5000; at += 1) {
    samples = withSample(samples, snapshot("processing", { rowsPerSecond: at }), at);
  }
  assert.ok(samples.length <= 240 && samples.length > 100);
  assert.equal(samples.at(-1).atMs, 4999);
});

test("an unknown pace is no sample", () => {
  const samples = [];
  assert.equal(withSample(samples, snapshot("processing", { rowsPerSecond: null }), 1), samples);
});

test("until the rows are counted, the bar and the number tell the same of what is left", () => {
  const promised = { totalRows: 1_060_000, processedRows: 0, percentage: 0 };
  assert.equal(aboutTotal(promised), 1_060_000);
  assert.equal(aboutTotal({ ...promised, processedRows: 10_000, percentage: 1 }), 1_060_000);
  assert.equal(aboutTotal({ ...promised, processedRows: 400_000, percentage: 40 }), 1_000_000);
  assert.equal(aboutTotal({ ...promised, processedRows: 0, percentage: 50 }), 1_060_000);
});
