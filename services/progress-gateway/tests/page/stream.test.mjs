import assert from "node:assert/strict";
import test from "node:test";

import { politely, QUIET_MS } from "../../src/progress_gateway/static/outside/announcer.js";
import {
  BLOCKED_AFTER_MS, followJob, POLL_EVERY_MS, SILENT_AFTER_MS,
} from "../../src/progress_gateway/static/outside/stream.js";
import { Clock, settled, Source } from "./doubles.mjs";

const told = (type, version) => ({ jobId: "j", type, status: "processing", version, data: {} });

function following(poll = async () => told("progress", 1)) {
  const clock = new Clock();
  const sources = [];
  const heard = [];
  const ports = {
    setTimer: clock.setTimer,
    clearTimer: clock.clearTimer,
    openSource: () => (sources.push(new Source()), sources.at(-1)),
    poll,
  };
  const follower = followJob(ports, {
    onMessage: (message, by) => heard.push(`${by}:${message.type}:${message.version}`),
    onLost: () => heard.push("lost"),
    onPolling: () => heard.push("polling"),
    onReopening: () => heard.push("reopening"),
    onRefused: (error) => heard.push(`refused:${error.status}`),
  });
  return { clock, sources, heard, follower };
}

test("messages of the stream are handed on", () => {
  const { sources, heard } = following();
  sources[0].send(told("connection", 0));
  sources[0].send(told("progress", 3));
  assert.deepEqual(heard, ["stream:connection:0", "stream:progress:3"]);
});

test("the server's own error event is no cut connection", () => {
  const { sources, heard } = following();
  sources[0].send(told("error", 3));
  assert.deepEqual(heard, ["stream:error:3"]);
});

test("a stream that stays silent from the start is replaced by polling", async () => {
  const { clock, heard } = following();
  await clock.pass(BLOCKED_AFTER_MS - 1);
  assert.deepEqual(heard, []);
  await clock.pass(1 + POLL_EVERY_MS);
  assert.deepEqual(heard, ["polling", "poll:progress:1", "poll:progress:1"]);
});

test("polling ends with the first message of the stream", async () => {
  const { clock, sources, heard } = following();
  await clock.pass(BLOCKED_AFTER_MS);
  sources[0].send(told("progress", 2));
  heard.length = 0;
  await clock.pass(4 * POLL_EVERY_MS);
  assert.deepEqual(heard, []);
});

test("a cut is told at once and becomes polling after five seconds", async () => {
  const { clock, sources, heard } = following();
  sources[0].send(told("progress", 2));
  sources[0].cut(0);
  assert.equal(heard.at(-1), "lost");
  await clock.pass(BLOCKED_AFTER_MS);
  assert.ok(heard.includes("polling"));
});

test("repeated cuts do not put polling off", async () => {
  const { clock, sources, heard } = following();
  sources[0].send(told("progress", 2));
  for (let second = 0; second < 6; second += 1) {
    sources[0].cut(0);
    await clock.pass(1000);
  }
  assert.ok(heard.includes("polling"));
});

test("a refused stream is opened again by the page, later and later", async () => {
  const { clock, sources, heard } = following();
  sources[0].cut(2);
  await clock.pass(1000);
  assert.equal(sources.length, 2);
  assert.equal(heard.at(-1), "reopening");
  sources[1].cut(2);
  await clock.pass(1999);
  assert.equal(sources.length, 2);
  await clock.pass(1);
  assert.equal(sources.length, 3);
});

test("streams that are refused again and again do not put polling off", async () => {
  // Each opening began the five seconds anew, so a page could say "reconnecting" for ever
  const { clock, sources, heard } = following();
  for (let second = 0; second < 6; second += 1) {
    if (sources.at(-1).readyState === 1) sources.at(-1).cut(2);
    await clock.pass(1000);
  }
  assert.ok(heard.includes("polling"));
});

test("a refused stream of an unknown job is told at once", async () => {
  const { sources, heard } = following(async () => {
    throw Object.assign(new Error("no"), { status: 404 });
  });
  sources[0].cut(2);
  await settled();
  assert.equal(heard.at(-1), "refused:404");
});

test("the stream is tried again while polling, without a word", async () => {
  const { clock, sources, heard } = following();
  await clock.pass(BLOCKED_AFTER_MS);
  heard.length = 0;
  sources[0].cut(2);
  await clock.pass(1000);
  assert.equal(sources.length, 2);
  assert.ok(!heard.includes("reopening") && !heard.includes("lost"));
});

test("a long silence is checked, and a stale stream is opened anew", async () => {
  const { clock, sources } = following(async () => told("progress", 9));
  sources[0].send(told("progress", 2));
  await clock.pass(SILENT_AFTER_MS);
  assert.equal(sources.length, 2);
  assert.equal(sources[0].readyState, 2);
});

test("a silence without news leaves the stream alone", async () => {
  const { clock, sources } = following(async () => told("progress", 2));
  sources[0].send(told("progress", 2));
  await clock.pass(3 * SILENT_AFTER_MS);
  assert.equal(sources.length, 1);
});

test("a silence in which the server does not answer either is a lost connection", async () => {
  // A line that was cut half-way stayed "live" for ever
  const { clock, sources, heard } = following(async () => {
    throw new Error("no line");
  });
  sources[0].send(told("progress", 2));
  await clock.pass(SILENT_AFTER_MS);
  assert.deepEqual([heard.at(-1), sources.length, sources[0].readyState], ["lost", 2, 2]);
  await clock.pass(BLOCKED_AFTER_MS);
  assert.equal(heard.at(-1), "polling");
  sources[1].send(told("progress", 3));
  assert.equal(heard.at(-1), "stream:progress:3");
});

test("after the end nothing is open and nothing is planned", async () => {
  const { clock, sources, heard } = following();
  sources[0].send(told("completed", 5));
  assert.equal(sources[0].readyState, 2);
  assert.equal(clock.planned.size, 0);
  sources[0].cut(2);
  await clock.pass(60_000);
  assert.deepEqual(heard, ["stream:completed:5"]);
});

test("a failed job stays followed, for a retry", () => {
  const { sources } = following();
  sources[0].send(told("failed", 5));
  assert.equal(sources[0].readyState, 1);
});

test("a poll that is refused ends it and says why", async () => {
  const { clock, heard } = following(async () => {
    throw Object.assign(new Error("no"), { status: 403 });
  });
  await clock.pass(60_000);
  assert.deepEqual(heard, ["polling", "refused:403"]);
  assert.equal(clock.planned.size, 0);
});

test("a poll without an answer is repeated", async () => {
  let calls = 0;
  const { clock } = following(async () => {
    calls += 1;
    throw new Error("offline");
  });
  await clock.pass(BLOCKED_AFTER_MS + 3 * POLL_EVERY_MS);
  assert.equal(calls, 4);
});

test("when the network is back the stream is tried at once", async () => {
  const { clock, sources, follower } = following();
  await clock.pass(BLOCKED_AFTER_MS);
  follower.retryNow();
  assert.equal(sources.length, 2);
});

test("announcements are at least five seconds apart and the newest wins", async () => {
  const clock = new Clock();
  const spoken = [];
  const say = politely((text) => spoken.push(`${clock.nowMs} ${text}`), clock);
  for (let second = 0; second < 12; second += 1) {
    say(`n${second}`);
    await clock.pass(1000);
  }
  assert.deepEqual(spoken, ["0 n0", `${QUIET_MS} n4`, `${2 * QUIET_MS} n9`]);
});

test("a page that goes offline does not wait for the browser to notice", async () => {
  const { clock, sources, heard, follower } = following();
  sources[0].send(told("progress", 2));
  follower.goOffline();
  follower.goOffline();
  assert.deepEqual([heard.at(-1), heard.filter((each) => each === "lost").length], ["lost", 1]);
  assert.equal(sources[0].readyState, 2);
  await clock.pass(1000);
  follower.retryNow();
  assert.equal(sources.length, 2);
  sources[1].send(told("progress", 3));
  assert.equal(heard.at(-1), "stream:progress:3");
});

test("going offline after the end says nothing", () => {
  const { sources, heard, follower } = following();
  sources[0].send(told("completed", 5));
  follower.goOffline();
  assert.deepEqual(heard, ["stream:completed:5"]);
});
