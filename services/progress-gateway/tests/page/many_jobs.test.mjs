import assert from "node:assert/strict";
import test from "node:test";

import { ASK_EVERY_MS, followJobs, REOPEN_MS } from "../../src/progress_gateway/static/outside/many_jobs.js";
import { BLOCKED_AFTER_MS, SILENT_AFTER_MS } from "../../src/progress_gateway/static/outside/stream.js";
import { Clock, Source } from "./doubles.mjs";

const CONNECTION = { type: "connection", jobId: null };
const told = (jobId, version) => ({ jobId, type: "progress", status: "processing", version, data: {} });

function following(isAnswered = () => true) {
  const clock = new Clock();
  const seen = { sources: [], asked: 0, links: [], messages: [] };
  const ports = {
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
    openSource: () => (seen.sources.push(new Source()), seen.sources.at(-1)),
    ask: async () => {
      seen.asked += 1;
      return isAnswered();
    },
  };
  const hears = { onMessage: (message) => seen.messages.push(message), onLink: (link) => seen.links.push(link) };
  return { clock, seen, follower: followJobs(ports, hears), source: () => seen.sources.at(-1) };
}

test("a stream that speaks is live and nothing is asked beside it but what came before", async () => {
  const { clock, seen, source } = following();
  source().send(CONNECTION);
  source().send(told("a", 1));
  await clock.pass(SILENT_AFTER_MS - 1);
  assert.deepEqual(seen.links, ["connecting", "live"]);
  assert.deepEqual(seen.messages.map((message) => message.jobId), ["a"]);
  assert.equal(seen.asked, 1);
});

test("a stream that is swallowed is asked for instead, until it speaks", async () => {
  const { clock, seen, source } = following();
  await clock.pass(BLOCKED_AFTER_MS + 2 * ASK_EVERY_MS);
  assert.deepEqual(seen.links, ["connecting", "asking"]);
  assert.equal(seen.asked, 3);
  source().send(CONNECTION);
  await clock.pass(SILENT_AFTER_MS - 1);
  assert.equal(seen.links.at(-1), "live");
  assert.equal(seen.asked, 4);
});

test("a refused stream is asked for at once and opened again later", async () => {
  const { clock, seen, source } = following();
  source().cut(2);
  await clock.pass(0);
  assert.deepEqual([seen.links.at(-1), seen.asked], ["asking", 1]);
  await clock.pass(REOPEN_MS);
  assert.equal(seen.sources.length, 2);
  source().send(CONNECTION);
  assert.equal(seen.links.at(-1), "live");
});

test("a cut that the browser mends says so, and asks for what was missed", async () => {
  const { clock, seen, source } = following();
  source().send(CONNECTION);
  source().cut(0);
  await clock.pass(1_000);
  source().send(CONNECTION);
  await clock.pass(BLOCKED_AFTER_MS);
  assert.deepEqual(seen.links, ["connecting", "live", "reconnecting", "live"]);
  assert.equal(seen.asked, 2);
});

test("a long silence is checked by one question, and a line that stands is left alone", async () => {
  const { clock, seen, source } = following();
  source().send(CONNECTION);
  await clock.pass(3 * SILENT_AFTER_MS);
  assert.deepEqual([seen.links, seen.sources.length, seen.asked], [["connecting", "live"], 1, 4]);
});

test("a silence in which the server does not answer either is a lost connection", async () => {
  // A line that was cut half-way stayed "live" for ever
  const { clock, seen, source } = following(() => false);
  source().send(CONNECTION);
  await clock.pass(SILENT_AFTER_MS);
  assert.deepEqual([seen.sources[0].readyState, seen.sources.length], [2, 2]);
  await clock.pass(BLOCKED_AFTER_MS);
  assert.equal(seen.links.at(-1), "asking");
  source().send(CONNECTION);
  assert.equal(seen.links.at(-1), "live");
});

test("one that is stopped asks for nothing and hears nothing", async () => {
  const { clock, seen, source, follower } = following();
  follower.stop();
  source().send(told("a", 1));
  await clock.pass(60_000);
  assert.deepEqual([seen.asked, seen.messages.length, clock.planned.size], [0, 0, 0]);
});

test("when the network is back the stream is opened at once, and a live one is left alone", async () => {
  const { clock, seen, source, follower } = following();
  source().cut(2);
  await clock.pass(0);
  follower.retryNow();
  assert.equal(seen.sources.length, 2);
  source().send(CONNECTION);
  follower.retryNow();
  assert.equal(seen.sources.length, 2);
});

test("offline shows at once, though the stream was not cut, and online opens a new one", async () => {
  const { clock, seen, source, follower } = following();
  source().send(CONNECTION);
  follower.lost();
  assert.deepEqual([seen.links.at(-1), source().readyState], ["reconnecting", 2]);
  await clock.pass(1_000);
  follower.retryNow();
  source().send(CONNECTION);
  assert.deepEqual([seen.sources.length, seen.links.at(-1)], [2, "live"]);
});
