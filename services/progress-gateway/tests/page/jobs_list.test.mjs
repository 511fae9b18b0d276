import assert from "node:assert/strict";
import test from "node:test";

import {
  actionsOn, againParams, durationOf, isWorthAsking, jobsWith, NO_JOBS, rowBar, STATUSES, withMessage,
  withMore, withNewest, without,
} from "../../src/progress_gateway/static/model/jobs_list.js";

const job = (jobId, at, more = {}) => ({
  jobId, createdAt: `2026-11-25T10:00:0${at}Z`, status: "processing", version: 1, totalRows: 100,
  processedRows: 10, failedRows: 0, right: "own", correctionOf: null, ...more,
});
const page = (jobs, nextCursor = null) => ({ jobs, nextCursor });
const idsOf = (list) => list.jobs.map(({ jobId }) => jobId).join("");
const message = (jobId, version, more = {}) => ({ jobId, version, status: "processing", data: {}, ...more });

test("a job that came to be is on top, and the pages below stay open", () => {
  let list = withNewest(NO_JOBS, page([job("d", 4), job("c", 3)], "below-c"));
  list = withMore(list, page([job("b", 2), job("a", 1)], "below-a"));
  list = withNewest(list, page([job("e", 5), job("d", 4)], "below-d"));
  assert.deepEqual([idsOf(list), list.nextCursor], ["edcba", "below-a"]);
});

test("a page that moved down is not read twice", () => {
  const list = withNewest(NO_JOBS, page([job("d", 4), job("c", 3)], "x"));
  assert.equal(idsOf(withMore(list, page([job("c", 3), job("b", 2)]))), "dcb");
});

test("a job that was erased elsewhere goes with the next page, and one erased here at once", () => {
  const list = withNewest(NO_JOBS, page([job("c", 3), job("b", 2), job("a", 1)]));
  assert.equal(idsOf(withNewest(list, page([job("c", 3), job("a", 1)]))), "ca");
  assert.equal(idsOf(without(list, "b")), "ca");
});

test("the cursor of a list that was never opened further is the newest page's", () => {
  const list = withNewest(NO_JOBS, page([job("b", 2)], "one"));
  assert.equal(withNewest(list, page([job("c", 3)], "two")).nextCursor, "two");
});

test("a message moves a row, an older one does not, and an unknown job changes nothing", () => {
  const list = withNewest(NO_JOBS, page([job("a", 1)]));
  const moved = withMessage(list, message("a", 5, { data: { processedRows: 60, failedRows: 2, percentage: 61 } }));
  assert.deepEqual([moved.jobs[0].processedRows, moved.jobs[0].live.percentage], [60, 61]);
  assert.equal(withMessage(moved, message("a", 4, { data: { processedRows: 50 } })), moved);
  assert.equal(withMessage(moved, message("z", 9)), moved);
});

test("a page that was read before the last message came does not set its row back", () => {
  let list = withNewest(NO_JOBS, page([job("a", 1)]));
  list = withMessage(list, message("a", 5, { status: "completed", data: { processedRows: 100 } }));
  list = withNewest(list, page([job("a", 1, { version: 3, processedRows: 40, fileName: "new" })]));
  const { status, processedRows, fileName } = list.jobs[0];
  assert.deepEqual([status, processedRows, fileName], ["completed", 100, "new"]);
});

test("the list is asked for when a job is new or changes its status, not for each step", () => {
  const list = withNewest(NO_JOBS, page([job("a", 1)]));
  const isAsked = (told, askedFor = new Map()) => isWorthAsking(list, told, askedFor);
  assert.equal(isAsked(message("a", 2)), false);
  assert.equal(isAsked(message("a", 2, { status: "completed" })), true);
  assert.equal(isAsked(message("b", 1)), true);
});

test("a job outside the filter is asked for once in each of its statuses, not for each step", () => {
  // Each step of it was a question, without end
  const list = withNewest(NO_JOBS, page([job("a", 1)]));
  const askedFor = new Map([["b", "processing"]]);
  assert.equal(isWorthAsking(list, message("b", 2), askedFor), false);
  assert.equal(isWorthAsking(list, message("b", 3, { status: "completed" }), askedFor), true);
});

test("a row leaves a filter as soon as its status does", () => {
  const list = withNewest(NO_JOBS, page([job("a", 1), job("b", 0, { status: "paused" })]));
  const ended = withMessage(list, message("a", 2, { status: "completed" }));
  assert.deepEqual(jobsWith(ended, STATUSES.running).map(({ jobId }) => jobId), ["b"]);
  assert.equal(jobsWith(ended, undefined).length, 2);
});

test("every status of a job belongs to one choice of the filter", () => {
  const all = Object.values(STATUSES).flat().sort();
  assert.deepEqual(all, [
    "cancelled", "completed", "completed_with_errors", "failed", "paused", "pending", "processing",
    "retrying", "undone",
  ]);
});

test("the bar knows no percentage before anything is known, and its parts add up", () => {
  assert.equal(rowBar(job("a", 1, { processedRows: 0, totalRows: 0 })).percentage, null);
  const bar = rowBar(job("a", 1, { processedRows: 50, failedRows: 10, live: { percentage: 40 } }));
  assert.deepEqual(bar, { percentage: 40, done: 32, failed: 8 });
  const stopped = job("a", 1, { status: "cancelled", processedRows: 50, live: { percentage: 40 } });
  assert.equal(rowBar(stopped).percentage, 50);
});

test("a duration grows while the job runs and stands when it has ended", () => {
  const nowMs = Date.parse("2026-11-25T10:01:00Z");
  const begun = { startedAt: "2026-11-25T10:00:00Z" };
  assert.equal(durationOf(job("a", 0, begun), nowMs), 60);
  const ended = { ...begun, status: "completed", finishedAt: "2026-11-25T10:00:07.5Z" };
  assert.equal(durationOf(job("a", 0, ended), nowMs), 7.5);
  assert.equal(durationOf(job("a", 0), nowMs), null);
});

test("only what one may do, and what can be done now, is offered", () => {
  const failed = (more) => actionsOn(job("a", 1, { status: "failed", ...more }));
  assert.deepEqual(failed({}), { retry: true, again: true, erase: true });
  assert.deepEqual(failed({ right: "view" }), { retry: false, again: true, erase: false });
  assert.deepEqual(failed({ right: "control" }), { retry: true, again: true, erase: false });
  assert.deepEqual(failed({ live: { ongoing: "undo" } }).erase, false);
  assert.deepEqual(failed({ correctionOf: "root" }), { retry: true, again: false, erase: false });
  assert.deepEqual(actionsOn(job("a", 1)), { retry: false, again: true, erase: false });
});

test("an import like another one begins with its target, its mode and its saved mapping", () => {
  const like = againParams(job("a", 1, { target: "orders", mode: "upsert", mappingName: "May" }));
  assert.deepEqual(like, { target: "orders", mode: "upsert", mapping: "May", again: "a" });
});
