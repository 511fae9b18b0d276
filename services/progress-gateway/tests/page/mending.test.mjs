import assert from "node:assert/strict";
import test from "node:test";

import { causesOf, mendingOf, watchCorrection } from "../../src/progress_gateway/static/model/mending.js";
import { noticeText } from "../../src/progress_gateway/static/words/notice.js";
import { isOver } from "../../src/progress_gateway/static/model/snapshot.js";
import { controlsOf } from "../../src/progress_gateway/static/model/controls.js";
import { openJob, reduce } from "../../src/progress_gateway/static/model/state.js";

const snapshot = (status, data = {}) => ({
  jobId: "j", status, version: 1, data: { totalRows: 10, successRows: 7, failedRows: 3, ...data },
});
const offered = (status, data = {}, right = "own") =>
  Object.entries(mendingOf({ snapshot: snapshot(status, data), right }))
    .filter(([, isOffered]) => isOffered).map(([name]) => name).join(" ");

test("an end with failed rows offers the file, its way back, and the undo to who may", () => {
  assert.equal(offered("completed_with_errors"), "download upload undo");
  assert.equal(offered("completed_with_errors", {}, "control"), "download upload");
  assert.equal(offered("completed_with_errors", {}, "view"), "");
  assert.equal(offered("completed_with_errors", {}, null), "", "who asks is not known yet");
  assert.equal(offered("cancelled"), "download undo", "it can be tried again");
  assert.equal(offered("completed", { failedRows: 0 }), "undo");
  assert.equal(offered("processing"), "");
  assert.equal(offered("failed", { unprocessedRows: 5 }), "download upload unprocessed undo");
  assert.equal(offered("cancelled", { failedRows: 0, unprocessedRows: 5 }, "view"), "");
  assert.equal(offered("undone", { unprocessedRows: 5 }), "");
});

test("of a dry run nothing can be corrected or undone, and a correction belongs to its root", () => {
  assert.equal(offered("completed_with_errors", { dryRun: true }), "download");
  assert.equal(offered("completed_with_errors", { correctionOf: "r" }), "download");
  assert.equal(offered("undone"), "");
});

test("while a correction or an undo goes on another has to wait", () => {
  for (const ongoing of ["correction", "undo"]) {
    assert.equal(offered("completed_with_errors", { ongoing }), "download");
    assert.equal(isOver(snapshot("completed_with_errors", { ongoing })), false);
  }
  assert.equal(isOver(snapshot("undone")), true);
});

test("causes are told the most frequent first", () => {
  const causes = causesOf({
    kinds: [
      { column: "C", header: "E-mail", field: "email", code: "PATTERN", count: 2, samples: [{ line: 5 }, { line: 9 }] },
      { column: null, header: null, field: null, code: "DUPLICATE", count: 30 },
    ],
  });
  assert.deepEqual(causes, [
    {
      filter: { column: "", code: "DUPLICATE" },
      where: "", code: "DUPLICATE", count: 30, lines: [], share: 1,
    },
    {
      filter: { column: "C", code: "PATTERN" },
      where: "C · E-mail", code: "PATTERN", count: 2, lines: [5, 9], share: 2 / 30,
    },
  ]);
  assert.deepEqual(causesOf({}), []);
});

test("a dry run says that nothing was written", () => {
  assert.equal(
    noticeText(snapshot("completed_with_errors", { dryRun: true })),
    "Dry run: nothing was written. 7 rows would be, 3 would be rejected.",
  );
  const good = snapshot("completed", { dryRun: true, successRows: 10, failedRows: 0 });
  assert.equal(noticeText(good), "Dry run: nothing was written. All 10 rows would be.");
});

test("what heals and what is undone is told with its numbers", () => {
  assert.match(
    noticeText(snapshot("completed_with_errors", { ongoing: "correction", healedRows: 2 })),
    /being imported: 2 rows are healed, 3 still failed/,
  );
  assert.match(
    noticeText(snapshot("completed", { ongoing: "undo", undo: { total: 1000, reversed: 400 } })),
    /400 of 1,000/,
  );
  const undo = { reversed: 990, kept: 3, refused: 7 };
  assert.equal(
    noticeText(snapshot("undone", { undo })),
    "The import was undone: 990 rows are taken back. 3 stay, because they were changed since. "
      + "7 stay, because other tables need them.",
  );
});

test("a root is followed live while it heals, and has ended with its correction", () => {
  const message = (type, version, status, data) =>
    ({ type: "message", by: "stream", nowMs: version, message: { ...snapshot(status, data), type, version } });
  const hello = { jobId: "j", type: "connection", right: "own" };
  const opened = reduce(openJob("j"), { type: "message", by: "stream", nowMs: 1, message: hello });
  const healing = reduce(opened, message("progress", 5, "completed_with_errors", { ongoing: "correction" }));
  assert.deepEqual([healing.name, healing.link, controlsOf(healing)], ["Completed", "live", []]);
  const healed = reduce(healing, message("completed", 9, "completed", { ongoing: null, failedRows: 0 }));
  assert.deepEqual([healed.name, healed.link, controlsOf(healed)], ["Completed", "ended", ["undo"]]);
  const asked = reduce(healed, { type: "control-asked", action: "undo" });
  assert.equal(asked.asked, "undo");
  const undoing = reduce(asked, message("progress", 10, "completed", { ongoing: "undo" }));
  assert.deepEqual([undoing.asked, undoing.link], [null, "live"]);
  assert.equal(reduce(undoing, message("undone", 12, "undone", { ongoing: null })).link, "ended");
});

test("what a corrected file has done is told when it is over, also where it healed nothing", () => {
  const look = watchCorrection(2);
  assert.equal(look(snapshot("completed_with_errors", { healedRows: 2 })), null, "not begun, as far as is known");
  assert.equal(look(snapshot("completed_with_errors", { healedRows: 3, ongoing: "correction" })), null);
  assert.deepEqual(look(snapshot("completed_with_errors", { healedRows: 2, ongoing: null })), { healed: 0, failed: 3 });
  const unseen = watchCorrection(0);
  assert.deepEqual(unseen(snapshot("completed", { healedRows: 3, failedRows: 0 })), { healed: 3, failed: 0 });
});

test("a corrected file is told of at the end of its stream, where no frame has shown it going on", () => {
  const steps = [
    { type: "message", by: "stream", message: { ...snapshot("completed_with_errors"), type: "completed" } },
    { type: "reopened" },
    { type: "connecting" },
    { type: "message", by: "stream", message: { ...snapshot("completed_with_errors", { ongoing: "correction" }), type: "progress" } },
    { type: "message", by: "stream", message: { ...snapshot("completed_with_errors", { ongoing: null }), type: "completed" } },
  ];
  const states = [];
  for (const step of steps) states.push(reduce(states.at(-1) ?? openJob("j"), { ...step, nowMs: 1 }));
  assert.deepEqual(states.map(({ link }) => link), ["ended", "connecting", "connecting", "live", "ended"]);
  const look = watchCorrection(0);
  const drawn = ({ snapshot: shown, link }) => look(shown, link === "ended");
  assert.equal(drawn(states[2]), null, "what is known is the end before it");
  assert.deepEqual(drawn(states[4]), { healed: 0, failed: 3 });
});
