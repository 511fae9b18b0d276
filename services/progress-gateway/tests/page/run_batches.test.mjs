import assert from "node:assert/strict";
import test from "node:test";

import { BatchBook } from "../../src/progress_gateway/static/model/batches.js";
import { batchReader } from "../../src/progress_gateway/static/pages/run_batches.js";

const settled = () => new Promise((resolve) => setImmediate(resolve));
const batch = (chunkNo) => ({ chunkNo, firstLine: 2, lastLine: 3, rows: 2, failed: 0, state: "written" });
const snapshot = (currentBatch, status = "processing", run = 1) => ({ status, data: { run, currentBatch } });

function reading(pages) {
  const asked = [];
  const timers = [];
  const book = new BatchBook();
  const ports = {
    read: async (first) => {
      asked.push(first);
      const page = pages.shift();
      if (page instanceof Error) throw page;
      return page ?? { batches: [], nextFirst: null };
    },
    setTimer: (call) => timers.push(call),
    clearTimer: () => timers.splice(0),
  };
  const reader = batchReader(book, ports, () => {});
  const turn = async () => {
    for (const call of timers.splice(0)) call();
    await settled();
  };
  return { asked, timers, book, reader, turn };
}

test("the list is read page by page, and then only what is new", async () => {
  const { asked, book, reader, turn } = reading([
    { batches: [batch(0), batch(1)], nextFirst: 2 },
    { batches: [batch(2)], nextFirst: null },
    { batches: [batch(3)], nextFirst: null },
  ]);
  reader.look(snapshot(3));
  await turn();
  assert.deepEqual([asked, reader.isRead(), book.size], [[0, 2], true, 3]);
  reader.look(snapshot(4));
  await turn();
  assert.deepEqual([asked, book.size], [[0, 2, 3], 4]);
});

test("nothing is asked while no batch has finished", async () => {
  const { asked, reader, turn, timers } = reading([]);
  reader.look(snapshot(0));
  await turn();
  reader.look(snapshot(0));
  assert.deepEqual([asked.length, timers.length], [1, 0]);
});

test("a list that could not be read is read again at the next turn", async () => {
  const { asked, book, reader, turn } = reading([new Error("away"), { batches: [batch(0)], nextFirst: null }]);
  reader.look(snapshot(1));
  await turn();
  assert.equal(reader.isRead(), false);
  await turn();
  assert.deepEqual([asked, book.size, reader.isRead()], [[0, 0], 1, true]);
});

test("the end is a reason to read once more, and stopping is none", async () => {
  const { asked, reader, turn, timers } = reading([{ batches: [batch(0)], nextFirst: null }]);
  reader.look(snapshot(1));
  await turn();
  reader.look(snapshot(1, "completed"));
  await turn();
  assert.deepEqual(asked, [0, 1]);
  reader.look(snapshot(2, "completed"));
  reader.stop();
  assert.equal(timers.length, 0);
});
