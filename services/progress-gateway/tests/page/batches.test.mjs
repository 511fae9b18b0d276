import assert from "node:assert/strict";
import test from "node:test";

import {
  BatchBook, linesInSight, listOf, shownState,
} from "../../src/progress_gateway/static/model/batches.js";

const lines = (chunkNo) => ({ firstLine: 2 + 1000 * chunkNo, lastLine: 1001 + 1000 * chunkNo });
const listed = (chunkNo, more = {}) => ({
  chunkNo, ...lines(chunkNo), rows: 1000, failed: 0, state: "written", seconds: 0.2, retries: 0, ...more,
});
const bookOf = (...batches) => {
  const book = new BatchBook();
  book.takeListed(batches);
  return book;
};
const numbers = ({ count, at }) => Array.from({ length: count }, (_, index) => at(index).chunkNo);

test("the newest batch comes first", () => {
  assert.deepEqual(numbers(listOf(bookOf(listed(0), listed(1), listed(2)))), [2, 1, 0]);
});

test("a batch that is not written lies between its neighbours' lines", () => {
  const { state, firstLine, lastLine, rows } = bookOf(listed(0), listed(2)).at(1);
  assert.deepEqual([state, firstLine, lastLine, rows], ["open", 1002, 2001, null]);
});

test("all that wait are one line, once their number is known", () => {
  const book = bookOf(listed(0), listed(1));
  const { count, at } = listOf(book, { total: 1051 });
  assert.equal(count, 3);
  assert.deepEqual(at(0), { state: "queued", chunkNo: 2, lastNo: 1050 });
  assert.equal(at(1).chunkNo, 1);
  assert.equal(listOf(book, { total: 2 }).count, 2);
});

test("problems are failed rows, retries and dead letters", () => {
  const book = bookOf(listed(0), listed(1, { failed: 3 }), listed(2, { state: "dead", code: "X" }), listed(3));
  book.takeTold([{ ...listed(4), retries: 2 }], [{ chunkNo: 5, code: "DEADLOCK", attempt: 3 }]);
  const problems = listOf(book, { onlyProblems: true });
  assert.deepEqual(numbers(problems), [5, 4, 2, 1]);
  assert.deepEqual([problems.at(0).state, problems.at(0).retries, problems.at(0).code], ["retrying", 2, "DEADLOCK"]);
  assert.equal(problems.at(2).code, "X");
});

test("what was written never becomes a failure again", () => {
  const book = bookOf(listed(0));
  book.takeTold([], [{ chunkNo: 0, code: "DEADLOCK", attempt: 2 }]);
  assert.equal(book.at(0).state, "written");
});

test("a batch that was tried again and written keeps its retries", () => {
  const book = new BatchBook();
  book.takeTold([], [{ chunkNo: 0, ...lines(0), code: "DEADLOCK", attempt: 3 }]);
  book.takeListed([listed(0)]);
  const { state, retries, code, seconds } = book.at(0);
  assert.deepEqual([state, retries, code, seconds], ["written", 2, null, 0.2]);
});

test("a batch that is named no more waits for its turn", () => {
  const book = new BatchBook();
  book.takeTold([], [{ chunkNo: 0, code: "DEADLOCK", attempt: 2 }]);
  book.takeTold([], []);
  assert.equal(book.at(0).state, "open");
});

test("reading goes on from the first batch that the list has not told, told of or not", () => {
  const book = bookOf(listed(0), listed(1, { state: "dead" }), listed(3));
  book.takeTold([listed(2)]);
  assert.equal(book.firstUnlisted, 2);
  book.takeListed([listed(2)]);
  assert.equal(book.firstUnlisted, 4);
});

test("a new run tries what is not written", () => {
  const book = bookOf(listed(0), listed(1, { state: "dead" }));
  book.forgetFailures();
  assert.deepEqual([book.at(0).state, book.at(1).state, book.firstUnlisted], ["written", "open", 1]);
});

test("a message without news changes nothing", () => {
  const book = bookOf(listed(0));
  const { version } = book;
  book.takeTold([listed(0)], []);
  book.takeListed([]);
  assert.equal(book.version, version);
});

test("only the lines in sight are drawn, however long the list is", () => {
  const sight = { lineHeight: 36, scrollTop: 36 * 500, height: 360 };
  assert.deepEqual(linesInSight({ ...sight, count: 10_000 }), { from: 496, to: 514 });
  assert.deepEqual(linesInSight({ ...sight, scrollTop: 0, count: 3 }), { from: 0, to: 3 });
  assert.deepEqual(linesInSight({ ...sight, count: 2 }), { from: 2, to: 2 });
  assert.deepEqual(linesInSight({ ...sight, count: 0 }), { from: 0, to: 0 });
});

test("ten thousand batches are listed by number without a copy", () => {
  const book = new BatchBook();
  book.takeListed(Array.from({ length: 10_000 }, (_, chunkNo) => listed(chunkNo, { failed: chunkNo % 100 ? 0 : 1 })));
  assert.equal(listOf(book).at(9_999).chunkNo, 0);
  assert.equal(listOf(book, { onlyProblems: true }).count, 100);
  assert.equal(book.problemNumbers(), book.problemNumbers());
});

test("an open batch is written while the job runs, and left behind when it is over", () => {
  const told = (status, isRead = true) => shownState({ state: "open" }, { status, isRead });
  assert.deepEqual(
    ["processing", "retrying", "paused", "cancelled", "failed"].map((status) => told(status)),
    ["writing", "writing", "waiting", "left", "left"],
  );
  assert.equal(told("processing", false), "unknown");
  assert.equal(shownState({ state: "written", failed: 2 }, {}), "partly");
  assert.equal(shownState({ state: "dead" }, {}), "dead");
});
