import assert from "node:assert/strict";
import test from "node:test";

import { controlsOf } from "../../src/progress_gateway/static/model/controls.js";
import {
  openJob, reduce, refusalOf, route, startUpload, TRANSITIONS,
} from "../../src/progress_gateway/static/model/state.js";

const FILE = { name: "orders.xlsx", sizeBytes: 1000 };
const NAMES = Object.keys(TRANSITIONS);
const RUN = NAMES.slice(NAMES.indexOf("Connecting"));
const after = (state, ...events) => events.reduce(reduce, state);
const chosen = { type: "file-chosen", file: FILE, fault: null };
const started = { type: "upload-started", nowMs: 0 };
const done = { type: "upload-done", jobId: "j" };
const MAY_CONTROL = { type: "right-known", right: "control" };

function message(status, version, { type = "progress", by = "stream", ...data } = {}) {
  return { type: "message", by, nowMs: version, message: { jobId: "j", type, status, version, data } };
}

/** One state of each name, reached by events only. */
const REACHED = {
  FileSelection: after(startUpload(), chosen),
  Uploading: after(startUpload(), chosen, started),
  UploadError: after(startUpload(), chosen, started, { type: "upload-failed", fault: { text: "no" } }),
  UploadSuccess: after(startUpload(), chosen, started, done),
  Connecting: openJob("j"),
  Processing: after(openJob("j"), message("processing", 5)),
  ProcessingError: after(openJob("j"), message("processing", 5, { type: "error" })),
  Retrying: after(openJob("j"), message("retrying", 5)),
  Paused: after(openJob("j"), message("paused", 5)),
  ConnectionError: after(openJob("j"), message("processing", 5), { type: "connection-lost" }),
  Polling: after(openJob("j"), message("processing", 5), { type: "polling-started" }),
  Completed: after(openJob("j"), message("completed", 5)),
  Failed: after(openJob("j"), message("failed", 5)),
  Cancelled: after(openJob("j"), message("cancelled", 5)),
};

test("the transitions are those that were decided, and no other", () => {
  const told = NAMES.flatMap((from) => TRANSITIONS[from].map((to) => `${from}>${to}`)).sort();
  assert.deepEqual(told, `
    Start>FileSelection FileSelection>Uploading Uploading>UploadSuccess Uploading>UploadError
    UploadError>FileSelection UploadSuccess>Connecting
    Connecting>Processing Connecting>ConnectionError Connecting>Completed Connecting>Failed
    Connecting>Cancelled
    Processing>Processing Processing>Completed Processing>ProcessingError Processing>Retrying
    Processing>Paused Processing>Cancelled Processing>ConnectionError
    ProcessingError>Retrying ProcessingError>Failed
    Retrying>Processing Retrying>Failed Retrying>Cancelled
    Paused>Processing Paused>Cancelled
    ConnectionError>Connecting ConnectionError>Polling
    Polling>Polling Polling>Completed Polling>Failed Polling>Connecting Polling>Retrying
    Completed>Connecting Failed>Connecting`.trim().split(/\s+/).sort());
});

for (const [name, state] of Object.entries(REACHED)) {
  test(`events reach ${name}`, () => assert.equal(state.name, name));
}

test("every route is made of transitions", () => {
  for (const from of RUN) {
    for (const to of RUN) {
      const way = route(from, to);
      if (way === null) continue;
      const steps = [from, ...way];
      for (let at = 1; at < steps.length; at += 1) {
        assert.ok(TRANSITIONS[steps[at - 1]].includes(steps[at]), steps.join(">"));
      }
      assert.equal(steps.at(-1), to);
    }
  }
});

test("a route never passes through an end", () => {
  for (const from of RUN) {
    for (const to of RUN) {
      const between = route(from, to)?.slice(0, -1) ?? [];
      assert.ok(!between.some((name) => ["Completed", "Failed", "Cancelled"].includes(name)));
    }
  }
});

test("a cancelled job and an upload are left by no route", () => {
  assert.ok(RUN.every((to) => route("Cancelled", to) === null));
  assert.equal(route("Connecting", "Uploading"), null);
});

test("a job found failed passes through the error", () => {
  assert.deepEqual(route("Processing", "Failed"), ["ProcessingError", "Failed"]);
  assert.deepEqual(route("Paused", "Completed"), ["Processing", "Completed"]);
  assert.deepEqual(route("Processing", "Polling"), ["ConnectionError", "Polling"]);
});

const STATUSES = [
  "pending", "processing", "retrying", "paused", "completed", "completed_with_errors", "failed",
  "cancelled", "undone",
];
const EVENTS = [
  chosen, started, done, { type: "upload-failed", fault: { text: "no" } },
  { type: "upload-progress", sentBytes: 1, totalBytes: 2, nowMs: 1 },
  { type: "choose-again" }, { type: "connecting" }, { type: "connection-lost" },
  { type: "polling-started" }, { type: "reopened" },
  ...["pause", "resume", "cancel", "retry", "undo"].map((action) => ({ type: "control-asked", action })),
  { type: "control-refused", fault: "no", nowMs: 1 }, { type: "right-known", right: "own" },
  ...STATUSES.flatMap((status) => ["stream", "poll"].map((by) => message(status, 9, { by }))),
  message("processing", 9, { type: "error" }),
];
const TOLD = NAMES.flatMap((from) => TRANSITIONS[from].map((to) => `${from}>${to}`)).sort();

/** Every step that any event makes in any state, and the first one into a file's choice. */
function stepsTaken() {
  const taken = new Set([`Start>${startUpload().way[0]}`]);
  for (const state of Object.values(REACHED)) {
    for (const event of EVENTS) {
      const after = reduce(state, event);
      const steps = after === state ? [] : after.way;
      assert.equal(after.name, steps.at(-1) ?? state.name, `${state.name} by ${event.type}`);
      [state.name, ...steps].reduce((from, to) => (taken.add(`${from}>${to}`), to));
    }
  }
  return [...taken].sort();
}

test("events take every transition, and no other", () => {
  assert.deepEqual(stepsTaken(), TOLD);
});

/** The event that takes each transition in one step: `[from, to, event]`. */
const ONE_STEP = [
  ["FileSelection", "Uploading", started],
  ["Uploading", "UploadSuccess", done],
  ["Uploading", "UploadError", { type: "upload-failed", fault: { text: "no" } }],
  ["UploadError", "FileSelection", { type: "choose-again" }],
  ["UploadSuccess", "Connecting", { type: "connecting" }],
  ["Connecting", "Processing", message("processing", 9)],
  ["Connecting", "ConnectionError", { type: "connection-lost" }],
  ["Connecting", "Completed", message("completed_with_errors", 9)],
  ["Connecting", "Failed", message("failed", 9)],
  ["Connecting", "Cancelled", message("cancelled", 9)],
  ["Processing", "Processing", message("processing", 9)],
  ["Processing", "Completed", message("completed", 9)],
  ["Processing", "ProcessingError", message("processing", 9, { type: "error" })],
  ["Processing", "Retrying", message("retrying", 9)],
  ["Processing", "Paused", message("paused", 9)],
  ["Processing", "Cancelled", message("cancelled", 9)],
  ["Processing", "ConnectionError", { type: "connection-lost" }],
  ["ProcessingError", "Retrying", message("retrying", 9)],
  ["ProcessingError", "Failed", message("failed", 9)],
  ["Retrying", "Processing", message("processing", 9)],
  ["Retrying", "Failed", message("failed", 9)],
  ["Retrying", "Cancelled", message("cancelled", 9)],
  ["Paused", "Processing", message("processing", 9)],
  ["Paused", "Cancelled", message("cancelled", 9)],
  ["ConnectionError", "Connecting", { type: "connecting" }],
  ["ConnectionError", "Polling", { type: "polling-started" }],
  ["Polling", "Polling", message("processing", 9, { by: "poll" })],
  ["Polling", "Completed", message("completed", 9, { by: "poll" })],
  ["Polling", "Failed", message("failed", 9, { by: "poll" })],
  ["Polling", "Connecting", { type: "connecting" }],
  ["Polling", "Retrying", message("retrying", 9, { by: "poll" })],
  ["Completed", "Connecting", { type: "reopened" }],
  ["Failed", "Connecting", { type: "reopened" }],
];

test("each transition has an event of its own", () => {
  const driven = ONE_STEP.map(([from, to]) => `${from}>${to}`);
  assert.deepEqual(["Start>FileSelection", ...driven].sort(), TOLD);
  for (const [from, to, event] of ONE_STEP) {
    assert.deepEqual(reduce(REACHED[from], event).way, [to], `${from} > ${to}`);
  }
});

test("a retry, a correction and a replay are followed from the end", () => {
  const retried = after(REACHED.Failed, { type: "reopened" }, message("pending", 6));
  assert.deepEqual([retried.name, retried.link], ["Processing", "live"]);
  const healing = { ongoing: "correction", healedRows: 3 };
  const mended = after(REACHED.Completed, { type: "reopened" }, message("completed_with_errors", 6, healing));
  assert.deepEqual([mended.name, mended.link], ["Completed", "live"]);
  assert.equal(reduce(REACHED.Failed, message("completed", 6)).way.join(), "Connecting,Completed");
});

test("a job that runs or was cancelled is not opened again", () => {
  assert.equal(reduce(REACHED.Processing, { type: "reopened" }), REACHED.Processing);
  assert.equal(reduce(REACHED.Cancelled, { type: "reopened" }).name, "Cancelled");
});

test("the right that the record tells counts until the stream says it", () => {
  const known = reduce(REACHED.Polling, { type: "right-known", right: "view" });
  assert.equal(known.right, "view");
  assert.equal(reduce(known, { type: "right-known", right: "own" }).right, "view");
});

test("a file with a fault is not uploaded", () => {
  const faulty = after(startUpload(), { ...chosen, fault: { key: "file.empty", params: {} } });
  assert.equal(reduce(faulty, started).name, "FileSelection");
});

test("an upload event that comes too late changes nothing", () => {
  assert.equal(reduce(REACHED.Processing, { type: "upload-failed", fault: {} }), REACHED.Processing);
  assert.equal(reduce(REACHED.UploadError, done), REACHED.UploadError);
});

test("after a failed upload another file can be chosen", () => {
  const again = reduce(REACHED.UploadError, { type: "choose-again" });
  assert.deepEqual([again.name, again.file, again.fault], ["FileSelection", null, null]);
});

test("an older message never moves the page back", () => {
  const newer = after(openJob("j"), message("processing", 8, { processedRows: 800 }));
  const later = reduce(newer, message("processing", 7, { processedRows: 700 }));
  assert.equal(later.snapshot.data.processedRows, 800);
  const ended = after(openJob("j"), message("completed", 9));
  assert.equal(reduce(ended, message("processing", 8)).name, "Completed");
});

test("lists stay when a message carries none", () => {
  const first = after(openJob("j"), message("processing", 1, { insertedIds: [1, 2], errors: ["Row 2: x"] }));
  const { data } = reduce(first, message("processing", 2, { insertedIds: [] })).snapshot;
  assert.deepEqual([data.insertedIds, data.errors], [[1, 2], ["Row 2: x"]]);
});

test("a connection message alone says nothing about the job", () => {
  const hello = { jobId: "j", type: "connection", status: null, version: 0, data: null };
  const state = reduce(openJob("j"), { type: "message", by: "stream", nowMs: 1, message: hello });
  assert.deepEqual([state.name, state.link, state.snapshot], ["Connecting", "live", null]);
});

test("polling goes on while the job does, and ends in live when the stream is back", () => {
  const polled = reduce(REACHED.Polling, message("processing", 6, { by: "poll" }));
  assert.deepEqual([polled.name, polled.link], ["Polling", "polling"]);
  const live = reduce(polled, message("processing", 7));
  assert.deepEqual([live.name, live.link], ["Processing", "live"]);
});

test("a lost connection is shown, but not after the end", () => {
  assert.equal(REACHED.ConnectionError.link, "reconnecting");
  assert.equal(reduce(REACHED.Completed, { type: "connection-lost" }), REACHED.Completed);
  assert.equal(REACHED.Completed.link, "ended");
});

test("the line of an ended job that is being corrected or undone shows what became of it", () => {
  // The badge said "live" while the stream was cut
  const mending = after(openJob("j"), message("completed_with_errors", 5, { ongoing: "correction" }));
  assert.deepEqual([mending.name, mending.link], ["Completed", "live"]);
  const links = { "connection-lost": "reconnecting", "polling-started": "polling", connecting: "connecting" };
  for (const [type, link] of Object.entries(links)) {
    const cut = reduce(mending, { type });
    assert.deepEqual([cut.name, cut.link], ["Completed", link]);
    assert.equal(reduce(REACHED.Completed, { type }), REACHED.Completed);
  }
});

test("a failed job that is tried again is followed again", () => {
  assert.equal(reduce(REACHED.Failed, message("processing", 6)).name, "Processing");
});

test("an unknown event is a bug and says so", () => {
  assert.throws(() => reduce(startUpload(), { type: "jump" }), /no such event: jump/);
});

test("what may be asked follows the status, and a viewer may ask nothing", () => {
  const offered = (state) => controlsOf(reduce(state, MAY_CONTROL)).join(" ");
  assert.equal(offered(REACHED.Connecting), "");
  for (const name of ["Processing", "Retrying", "Polling"]) {
    assert.equal(offered(REACHED[name]), "pause cancel", name);
  }
  assert.equal(offered(REACHED.Paused), "resume cancel");
  assert.equal(offered(reduce(REACHED.Polling, message("paused", 6, { by: "poll" }))), "resume cancel");
  assert.equal(offered(REACHED.Failed), "retry");
  assert.equal(offered(REACHED.Cancelled), "retry");
  assert.equal(offered(REACHED.Completed), "");
  const hello = { jobId: "j", type: "connection", right: "view" };
  const viewer = after(openJob("j"), { type: "message", by: "stream", nowMs: 1, message: hello });
  assert.equal(offered(reduce(viewer, message("processing", 5))), "");
});

test("nothing may be asked before the right is known", () => {
  assert.equal(REACHED.Processing.right, null);
  assert.deepEqual(controlsOf(REACHED.Processing), []);
});

test("what was asked shows at once, until the status shows that it is done", () => {
  const ways = [
    ["Processing", "pause", "paused"], ["Paused", "resume", "processing"],
    ["Retrying", "cancel", "cancelled"], ["Failed", "retry", "pending"],
  ];
  for (const [from, action, status] of ways) {
    const asked = after(REACHED[from], MAY_CONTROL, { type: "control-asked", action });
    assert.equal(asked.asked, action);
    const still = reduce(asked, message(REACHED[from].snapshot.status, 6));
    assert.equal(still.asked, action, `${action} is not done yet`);
    assert.equal(reduce(still, message(status, 7)).asked, null, action);
  }
  const late = after(REACHED.Paused, MAY_CONTROL, { type: "control-asked", action: "pause" });
  assert.equal(late.asked, null);
});

test("a refused control says why for a while, or until something changes", () => {
  const asked = after(REACHED.Processing, MAY_CONTROL, { type: "control-asked", action: "pause" });
  assert.equal(asked.asked, "pause");
  const refused = reduce(asked, { type: "control-refused", fault: "no", nowMs: 1000 });
  assert.deepEqual([refusalOf(refused, 20_999), refusalOf(refused, 21_000)], ["no", null]);
  assert.deepEqual([refused.asked, refused.fault], [null, "no"]);
  assert.equal(reduce(refused, message("processing", 6)).fault, "no");
  assert.equal(reduce(refused, message("paused", 6)).fault, null);
});

test("the next attempt is counted from when it was first heard of", () => {
  const retrying = { chunkNo: 3, delaySeconds: 4 };
  const first = after(openJob("j"), message("retrying", 1000, { attempt: 3, retrying }));
  assert.equal(first.retryAtMs, 5000);
  assert.equal(reduce(first, message("retrying", 2000, { attempt: 3, retrying })).retryAtMs, 5000);
  assert.equal(reduce(first, message("retrying", 2000, { attempt: 4, retrying })).retryAtMs, 6000);
  const waiting = message("retrying", 2000, { attempt: null, retrying: null, reason: "Kafka is away." });
  assert.equal(reduce(first, waiting).retryAtMs, null);
});

test("a new connection to an ended job says nothing of its new run", () => {
  // The end of the run before, still known, moved the page to Cancelled, which nothing leaves
  const hello = { jobId: "j", type: "connection", right: "own", serverTime: "1970-01-01T00:00:01.000Z" };
  const opened = { ...openJob("j"), snapshot: REACHED.Cancelled.snapshot };
  const connected = reduce(opened, { type: "message", by: "stream", nowMs: 3000, message: hello });
  assert.deepEqual([connected.name, connected.link, connected.skewMs], ["Connecting", "live", 2000]);
  assert.equal(reduce(connected, message("pending", 6)).name, "Processing");
});

test("a short answer to a click is kept for a while, and taken away", () => {
  const told = reduce(REACHED.Processing, { type: "told", text: "copied", nowMs: 1000 });
  assert.deepEqual([told.told.text, told.told.untilMs > 1000, told.name], ["copied", true, "Processing"]);
  assert.equal(reduce(told, { type: "told", text: null, nowMs: 2000 }).told, null);
});
