import assert from "node:assert/strict";
import test from "node:test";

import {
  changeOf, choiceOf, healthOf, isReplayOver, letterFilterOf, letterQuestion, lineOf, linePath, outcomesOf,
  paceBars, paceNow, replayPercentage, toneOfPart, trendOf, withLags,
} from "../../src/progress_gateway/static/model/ops.js";

const part = (state) => ({ name: "writer", state });
const NOW = Date.parse("2026-11-25T10:05:00Z");

test("one part that is away or halted is bad, one that waits or is unknown a warning", () => {
  const health = (states, halts = [], deadLetters = []) => healthOf({ parts: states.map(part), halts, deadLetters });
  assert.equal(health(["up", "up"]), "good");
  assert.equal(health(["up", "waiting"]), "warned");
  assert.equal(health(["up", "unknown"]), "warned");
  for (const state of ["silent", "missing", "away"]) assert.equal(health(["up", "waiting", state]), "bad");
  assert.equal(health(["up"], [{ consumer: "writer" }]), "bad");
  assert.equal(health(["up"], [], [{ open: 0, parked: 2 }]), "letters");
  assert.equal(health(["up", "away"], [], [{ open: 1, parked: 0 }]), "bad");
});

test("a state that this page does not know is unknown, never good", () => {
  assert.equal(toneOfPart("melting"), "unknown");
});

test("what waits becomes a line, with the moments left out in which nobody could tell", () => {
  const stages = (waiting) => ({ stages: [{ name: "chunks", waiting }] });
  let samples = [];
  for (const waiting of [5, null, 8]) samples = withLags(samples, stages(waiting), NOW);
  assert.deepEqual(lineOf(samples, "chunks"), [5, 8]);
  for (let at = 0; at < 200; at += 1) samples = withLags(samples, stages(at), NOW);
  assert.equal(samples.length, 120);
});

test("a trend is told when it is one", () => {
  assert.equal(trendOf([5]), "still");
  assert.equal(trendOf([100, 104, 101]), "still");
  assert.equal(trendOf([0, 1, 2]), "still");
  assert.equal(trendOf([10, 20, 40]), "up");
  assert.equal(trendOf([40, 20, 10]), "down");
});

test("a line fills its box and stands for nothing below two numbers", () => {
  assert.equal(linePath([3], 100, 10), "");
  assert.equal(linePath([0, 10], 100, 10), "M0.0 9.0L100.0 1.0");
  assert.equal(linePath([0, 0], 100, 10), "M0.0 9.0L100.0 9.0");
});

test("the bars of the pace have a place for each step, written in or not", () => {
  const steps = [{ at: "2026-11-25T10:04:50Z", rows: 500, failed: 50 }];
  const bars = paceBars({ stepS: 5, steps, untilMs: NOW + 2_000, count: 4 });
  assert.deepEqual(bars.map((bar) => bar.perSecond), [0, 100, 0, 0]);
  assert.equal(bars[1].failedPerSecond, 10);
  assert.equal(bars.at(-1).atMs, NOW);
  assert.equal(Math.round(paceNow(bars)), 33);
});

test("the step that is not over yet does not pull the pace down", () => {
  const steps = [-15, -10, -5].map((s) => ({ at: new Date(NOW + s * 1000).toISOString(), rows: 500, failed: 0 }));
  assert.equal(paceNow(paceBars({ stepS: 5, steps, untilMs: NOW, count: 10 })), 100);
});

test("what came lately is compared with as many hours before", () => {
  const hours = [...Array(12).fill(0), 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 5];
  assert.deepEqual(changeOf(hours), { lately: 7, before: 3 });
});

test("a filter of letters asks for what it says and no more", () => {
  assert.equal(letterQuestion(letterFilterOf({}), NOW).state, "open");
  const filter = letterFilterOf({ errorClass: "DEADLOCK", state: "any", hours: "24", other: "x" });
  assert.deepEqual(letterQuestion(filter, NOW), {
    errorClass: "DEADLOCK", state: null, jobId: null, since: "2026-11-24T10:05:00.000Z",
  });
});

test("those chosen are sent by id, all of a filter by the filter", () => {
  const filter = letterFilterOf({ errorClass: "DEADLOCK", state: "parked" });
  assert.deepEqual(choiceOf({ chosen: new Set([3, 4]), isAll: false, filter }, NOW), { ids: [3, 4] });
  assert.deepEqual(choiceOf({ chosen: new Set(), isAll: true, filter }, NOW), {
    filter: { errorClass: "DEADLOCK", jobId: null, since: null, state: ["parked"] },
  });
});

test("a replay is over when what it sent is healed, not when it was sent", () => {
  const replay = { state: "done", selected: 4, waiting: 0, sent: 3, alreadyWritten: 1, refused: 0, lost: 0, parked: 0 };
  assert.equal(isReplayOver({ ...replay, healed: 3 }), false);
  assert.equal(isReplayOver({ ...replay, healed: 4 }), true);
  assert.equal(isReplayOver({ ...replay, state: "running", healed: 4 }), false);
  assert.equal(replayPercentage({ selected: 4, waiting: 1 }), 75);
  assert.equal(replayPercentage({ selected: 0, waiting: 0 }), 100);
  assert.deepEqual(outcomesOf({ ...replay, healed: 4 }).map(({ name }) => name), ["sent", "alreadyWritten"]);
});
