import assert from "node:assert/strict";
import test from "node:test";

import { ApiProblem, Unreachable } from "../../src/progress_gateway/static/outside/api.js";
import { FileGone, sendingOf } from "../../src/progress_gateway/static/outside/file_sender.js";
import { keyKeeper, sendImport } from "../../src/progress_gateway/static/outside/import_sender.js";
import { patiently } from "../../src/progress_gateway/static/outside/patience.js";
import { previewAsker } from "../../src/progress_gateway/static/outside/preview_asker.js";
import { reducePlan, startPlan } from "../../src/progress_gateway/static/model/plan.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));
const problem = (status, code, after = null) => new ApiProblem(status, { code }, after);

/** An outside whose timers run when they are told to, and whose answers are a list. */
function outsideOf(answers, { isSignedIn = async () => true } = {}) {
  const told = { attempts: 0, cancelled: 0, waits: [], timers: [], signIns: [] };
  const attempt = () => {
    told.attempts += 1;
    const next = answers.shift();
    const answer = next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    return { answer, cancel: () => (told.cancelled += 1) };
  };
  const outer = {
    setTimer: (call, ms) => told.timers.push({ call, ms }) - 1,
    clearTimer: (at) => at !== undefined && (told.timers[at].isCleared = true),
    now: () => 1000,
    isSignedIn,
    signedIn: () => new Promise((resolve) => told.signIns.push(resolve)),
  };
  return { told, attempt, outer };
}

/** Let the timer run that was set last. */
async function runTimer({ timers }) {
  timers.at(-1).call();
  await settle();
}

test("a cut line is tried again after growing pauses, and the wait is told", async () => {
  const { told, attempt, outer } = outsideOf([new Unreachable(), new Unreachable(), { jobId: "j" }]);
  const sent = patiently(attempt, outer, (wait) => told.waits.push(wait));
  await settle();
  assert.deepEqual(told.waits, [{ tries: 1, atMs: 2000 }]);
  await runTimer(told);
  await runTimer(told);
  assert.deepEqual(await sent.answer, { jobId: "j" });
  assert.deepEqual(told.timers.map(({ ms }) => ms), [1000, 2000]);
  assert.equal(told.waits.at(-1), null);
});

test("a server that is away says for how long, and what passes by is tried again", async () => {
  const { told, attempt, outer } = outsideOf([problem(503, "SERVICE_UNAVAILABLE", "5"), problem(409, "IDEMPOTENCY_KEY_IN_USE"), "done"]);
  const sent = patiently(attempt, outer);
  await settle();
  await runTimer(told);
  await runTimer(told);
  assert.equal(await sent.answer, "done");
  assert.deepEqual(told.timers.map(({ ms }) => ms), [5000, 2000]);
});

test("a refusal is no accident: it is not tried again", async () => {
  for (const error of [problem(422, "HEADER_INVALID"), problem(429, "TOO_MANY_JOBS", "15"), new FileGone()]) {
    const { told, attempt, outer } = outsideOf([error]);
    await assert.rejects(patiently(attempt, outer).answer, error);
    assert.equal(told.attempts, 1);
  }
});

test("after enough tries it is given up", async () => {
  const { told, attempt, outer } = outsideOf(Array.from({ length: 9 }, () => new Unreachable()));
  const sent = patiently(attempt, outer);
  sent.answer.catch(() => {});
  await settle();
  for (let at = 0; at < 6; at += 1) await runTimer(told);
  await assert.rejects(sent.answer, Unreachable);
  assert.equal(told.attempts, 7);
});

test("a session that ended in mid-upload waits for the sign-in and goes on", async () => {
  const { told, attempt, outer } = outsideOf([problem(401, "TOKEN_INVALID"), "done"]);
  const sent = patiently(attempt, outer);
  await settle();
  assert.equal(told.attempts, 1);
  told.signIns[0]();
  assert.equal(await sent.answer, "done");
});

test("a body that was cut because the session ended asks for the sign-in too", async () => {
  const { told, attempt, outer } = outsideOf([new Unreachable(), "done"], { isSignedIn: async () => false });
  const sent = patiently(attempt, outer);
  await settle();
  assert.equal(told.signIns.length, 1);
  told.signIns[0]();
  assert.equal(await sent.answer, "done");
});

test("who cannot ask whether the session has ended takes it for a cut line", async () => {
  const isSignedIn = async () => {
    throw new Unreachable();
  };
  const { told, attempt, outer } = outsideOf([new Unreachable(), "done"], { isSignedIn });
  patiently(attempt, outer);
  await settle();
  assert.deepEqual([told.signIns.length, told.timers.length], [0, 1]);
});

test("a pause ends at once when the network is back, and for ever when it is cancelled", async () => {
  const one = outsideOf([new Unreachable(), "done"]);
  const sent = patiently(one.attempt, one.outer);
  await settle();
  sent.retryNow();
  assert.equal(await sent.answer, "done");
  const other = outsideOf([new Unreachable(), "never"]);
  const cancelled = patiently(other.attempt, other.outer);
  await settle();
  cancelled.cancel();
  await assert.rejects(cancelled.answer, { name: "AbortError" });
  assert.equal(other.told.attempts, 1);
});

test("a file that is gone is found out before a byte is sent", async () => {
  const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(new Error("moved")) }) };
  await assert.rejects(sendingOf(gone, () => assert.fail("it was sent")).answer, FileGone);
  const there = { slice: () => ({ arrayBuffer: async () => new ArrayBuffer(1) }) };
  const sent = sendingOf(there, () => ({ answer: Promise.resolve("done"), cancel: () => {} }));
  assert.equal(await sent.answer, "done");
  const stopped = sendingOf(there, () => assert.fail("it was sent"));
  stopped.cancel();
  await assert.rejects(stopped.answer, { name: "AbortError" });
});

/** An import whose server answers `answers`; what was posted is kept. */
function importOf(answers, { previewId, file }) {
  const posts = [];
  let keys = 0;
  const post = (request) => {
    posts.push(request);
    const next = answers.shift();
    return { answer: next instanceof Error ? Promise.reject(next) : Promise.resolve(next), cancel() {} };
  };
  const again = (attempt) => ({ ...attempt(), retryNow() {} });
  const given = { previewId, file, fields: { target: "orders" }, keyFor: () => `key ${(keys += 1)}`, onProgress() {}, onWaiting() {} };
  return { posts, sent: sendImport(given, { post, again }) };
}

const FILE = { name: "a.csv", slice: () => ({ arrayBuffer: async () => new ArrayBuffer(1) }) };

test("an import of a kept file sends no byte of it", async () => {
  const { posts, sent } = importOf([{ jobId: "j" }], { previewId: "p", file: FILE });
  assert.deepEqual(await sent.answer, { jobId: "j" });
  assert.deepEqual(posts, [{ fields: { target: "orders", previewId: "p" }, key: "key 1" }]);
});

test("a file that is kept no longer is sent by itself, under a key of its own", async () => {
  const { posts, sent } = importOf([problem(404, "PREVIEW_UNKNOWN"), { jobId: "j" }], { previewId: "p", file: FILE });
  assert.deepEqual(await sent.answer, { jobId: "j" });
  assert.deepEqual([posts[1].file, posts[1].key, posts[1].fields], [FILE, "key 2", { target: "orders" }]);
  const gone = importOf([problem(404, "PREVIEW_UNKNOWN")], { previewId: "p", file: null });
  await assert.rejects(gone.sent.answer, { code: "PREVIEW_UNKNOWN" });
});

test("the same import has the same key however often it is tried, another has another", () => {
  let made = 0;
  const keysFor = keyKeeper(() => (made += 1));
  const [fields, other] = [{ target: "orders" }, { target: "records" }];
  assert.deepEqual([keysFor([fields, "p"])("kept"), keysFor([{ ...fields }, "p"])("kept")], [1, 1]);
  assert.deepEqual([keysFor([fields, "p"])("sent"), keysFor([other, "p"])("kept"), keysFor([fields, "p"])("kept")], [2, 3, 4]);
});

test("of quick choices the last is asked, and late answers are not heard", async () => {
  const asked = [];
  const heard = [];
  const timers = [];
  const asker = previewAsker(
    {
      setTimer: (call, ms) => timers.push({ call, ms }) - 1,
      clearTimer: (at) => at !== null && delete timers[at],
      ask: (question) => {
        const one = { ...question, isCancelled: false };
        asked.push(one);
        one.answer = new Promise((resolve, reject) => Object.assign(one, { resolve, reject }));
        return { answer: one.answer, cancel: () => (one.isCancelled = true) };
      },
    },
    { told: (event) => heard.push(event), problemOf: (error) => ({ code: error.message }) },
  );
  const file = { name: "a.csv", sizeBytes: 9 };
  let plan = reducePlan(startPlan(), { type: "chosen", file, fault: null, nowMs: 0 });
  asker.follow(plan);
  assert.equal(timers[0].ms, 0, "a file is sent at once");
  timers[0].call();
  const preview = { previewId: "p", faults: [], fileName: "a.csv", fileSizeBytes: 9 };
  asked[0].resolve(preview);
  await settle();
  assert.deepEqual([heard[0].type, asked[0].withFile], ["told", true]);
  plan = reducePlan(plan, { ...heard[0], nowMs: 0 });
  asker.follow(plan);
  for (const target of ["a", "b"]) {
    plan = reducePlan(plan, { type: "changed", choices: { target }, nowMs: 0 });
    asker.follow(plan);
    asker.follow(plan);
  }
  assert.deepEqual(timers.filter(Boolean).map(({ ms }) => ms), [250], "only the last is left");
  timers.at(-1).call();
  assert.deepEqual([asked[1].fields.target, asked[1].withFile], ["b", false]);
  plan = reducePlan(plan, { type: "changed", choices: { target: "c" }, nowMs: 0 });
  asker.follow(plan);
  assert.equal(asked[1].isCancelled, true);
  asked[1].resolve(preview);
  await settle();
  assert.equal(heard.length, 1);
  timers.at(-1).call();
  asked[2].reject(new Error("EMPTY"));
  await settle();
  assert.deepEqual([heard[1].type, heard[1].problem.code], ["refused", "EMPTY"]);
});
