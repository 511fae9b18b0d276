import assert from "node:assert/strict";
import test from "node:test";

import { ApiProblem, Unreachable } from "../../src/progress_gateway/static/outside/api.js";
import { opening } from "../../src/progress_gateway/static/pages/opening.js";

/** A visit: `answers` are what the server says in turn, an error is thrown, a promise is waited for. */
function visit(...answers) {
  const told = [];
  const opened = [];
  const timers = new Map();
  const first = opening(
    {
      ask: async () => {
        const answer = await answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
      },
      open: (answer) => opened.push([answer, first.isAnswered()]),
      wait: () => told.push("wait"),
      tell: (error, goesOn) => {
        const node = { isConnected: true };
        told.push({ code: error.code, goesOn, node });
        return node;
      },
    },
    { setTimer: (call) => timers.set(call, call) && call, clearTimer: (call) => timers.delete(call) },
  );
  const run = () => [...timers.keys()].map((call) => timers.delete(call) && call());
  return { ...first, told, opened, timers, run };
}
const away = () => new ApiProblem(503, { code: "SERVICE_UNAVAILABLE", detail: "away" });

test("what passes is told once and asked again until it is answered", async () => {
  const { start, told, timers, run } = visit(away(), away(), new Unreachable(), null);
  await start();
  assert.deepEqual([told.length, told[0].goesOn, timers.size], [1, true, 1]);
  await Promise.all(run());
  assert.equal(told.length, 1, "the same reason is not told anew");
  told[0].node.isConnected = true;
  await Promise.all(run());
  assert.equal(told.length, 2, "another reason is");
  await Promise.all(run());
  assert.deepEqual([told.length, timers.size], [2, 0]);
});

test("what does not pass is told and left to the reader", async () => {
  const { start, told, timers } = visit(new ApiProblem(500, { code: "INTERNAL" }));
  await start();
  assert.deepEqual([told[0].goesOn, timers.size], [false, 0]);
});

test("who has gone on is not called back", async () => {
  const { start, told, timers, run } = visit(away(), away());
  await start();
  told[0].node.isConnected = false;
  await Promise.all(run());
  assert.deepEqual([told.length, timers.size], [1, 0]);
});

test("a slow answer is told to be waited for", async () => {
  const { start, told, timers, run } = visit(null);
  const started = start();
  assert.equal(timers.size, 1);
  run();
  await started;
  assert.deepEqual(told, ["wait"]);
});

test("an older question that ends late changes nothing of what the newest one opened", async () => {
  for (const late of [away(), "bob"]) {
    let answerOlder = null;
    const older = new Promise((resolve) => (answerOlder = resolve));
    const { start, told, opened, timers } = visit(older, "alice");
    const waited = start();
    await start();
    answerOlder(late);
    await waited;
    assert.deepEqual([opened, told, timers.size], [[["alice", true]], [], 0]);
  }
});

test("until it is answered what is told is told anew, and asked again all the same", async () => {
  const { start, told, opened, tellAgain, isAnswered, run } = visit(away(), "alice");
  tellAgain();
  assert.deepEqual([told, isAnswered()], [[], false], "there is nothing to tell yet");
  await start();
  tellAgain();
  told[0].node.isConnected = false;
  assert.deepEqual([told[1].code, told[1].goesOn, told.length], [told[0].code, true, 2]);
  await Promise.all(run());
  assert.deepEqual([opened, isAnswered()], [[["alice", true]], true]);
});

test("who it is is not known while that is asked once more", async () => {
  const { start, told, tellAgain, isAnswered } = visit(null, away());
  await start();
  await start();
  assert.deepEqual([isAnswered(), told.length], [false, 1]);
  tellAgain();
  assert.equal(told.length, 2);
});
