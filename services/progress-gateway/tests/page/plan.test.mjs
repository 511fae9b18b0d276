import assert from "node:assert/strict";
import test from "node:test";

import { isStarting, PLAN_TRANSITIONS, reducePlan, startPlan } from "../../src/progress_gateway/static/model/plan.js";
import { importFields, previewFields, wholeMapping } from "../../src/progress_gateway/static/model/plan_choices.js";

const FILE = { name: "a.xlsx", sizeBytes: 100 };
const KEPT = "8e80a3b3";
const HEADERS = [
  { index: 0, letter: "A", header: "Order", mappingKey: "Order", samples: ["1"], detectedType: "integer", field: "order_id", suggested: "order_id", confidence: 1, via: "alias" },
  { index: 1, letter: "B", header: "Pieces", mappingKey: "Pieces", samples: ["2"], detectedType: "integer", field: null, suggested: "quantity", confidence: 0.7, via: "close" },
  { index: 2, letter: "C", header: "", mappingKey: "C", samples: [], detectedType: "empty", field: null, suggested: null, confidence: 0, via: "none" },
];
const preview = (changes = {}) => ({
  fileName: "a.xlsx", fileSizeBytes: 100, sheets: [{ name: "Data", visible: true }], sheet: "Data",
  dialect: null, headerLine: 1, headers: HEADERS, rowsAbove: [], rows: [], estimatedRows: 3,
  target: "orders", targets: [], missingRequired: [], faults: [], faultCode: null,
  suggestedMapping: { columns: {}, mappingName: null }, savedMappings: [], previewId: KEPT, ...changes,
});
const refusal = (code) => ({ code, detail: "", faults: [], members: {}, retryAfterS: null });

/** Do events one after the other, at second 0, 1, 2, …; `number` is that of the open question. */
function after(events, plan = startPlan()) {
  return events.reduce((now, event, at) => reducePlan(now, { number: now.number, nowMs: 1000 * at, ...event }), plan);
}

const CHOSEN = { type: "chosen", file: FILE, fault: null };
const WRONG = { type: "chosen", file: { name: "a.doc", sizeBytes: 9 }, fault: { key: "file.wrongExtension", params: {} } };
const TOLD = { type: "told", preview: preview() };
const FAULTY = { type: "told", preview: preview({ faults: ["No column feeds 'quantity'."], faultCode: "HEADER_INVALID" }) };
const REFUSED = { type: "refused", problem: refusal("DELIMITER_AMBIGUOUS") };
const GONE = { type: "refused", problem: refusal("PREVIEW_UNKNOWN") };
const TARGET = { type: "changed", choices: { target: "records" } };
const START = { type: "start-asked", dryRun: false };
const CLEARED = { type: "cleared" };
const RECALLED = { type: "recalled", choices: { target: "orders" }, file: FILE, previewId: KEPT, isSameFile: true };

/** By state: the events that lead to it, and what each further event leads to. */
const ROADS = {
  Empty: [[], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Looking", TOLD: "Empty", REFUSED: "Empty", TARGET: "Empty", START: "Empty", CLEARED: "Empty" }],
  Refused: [[WRONG], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Refused", TOLD: "Refused", REFUSED: "Refused", TARGET: "Refused", START: "Refused", CLEARED: "Empty" }],
  Sending: [[CHOSEN], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Sending", TOLD: "Ready", REFUSED: "Unread", GONE: "Sending", TARGET: "Sending", START: "Sending", CLEARED: "Empty" }],
  Ready: [[CHOSEN, TOLD], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Ready", TOLD: "Ready", REFUSED: "Ready", TARGET: "Looking", START: "Ready", CLEARED: "Empty" }],
  Looking: [[CHOSEN, TOLD, TARGET], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Looking", TOLD: "Ready", REFUSED: "Unread", GONE: "Sending", TARGET: "Looking", START: "Looking", CLEARED: "Empty" }],
  Unread: [[CHOSEN, REFUSED], { CHOSEN: "Sending", WRONG: "Refused", RECALLED: "Unread", TOLD: "Unread", REFUSED: "Unread", TARGET: "Sending", START: "Unread", CLEARED: "Empty" }],
};
const EVENTS = { CHOSEN, WRONG, RECALLED, TOLD, REFUSED, GONE, TARGET, START, CLEARED };

for (const [name, [road, leads]] of Object.entries(ROADS)) {
  test(`from ${name} every event leads where it must`, () => {
    const plan = after(road);
    assert.equal(plan.name, name);
    for (const [event, goal] of Object.entries(leads)) {
      assert.equal(after([EVENTS[event]], plan).name, goal, `${name} after ${event}`);
    }
  });
}

test("every transition of the table is made by some event, and no other", () => {
  const made = new Map(Object.keys(PLAN_TRANSITIONS).map((name) => [name, new Set()]));
  const more = [
    [[CHOSEN, TARGET], TOLD], [[RECALLED], GONE], [[RECALLED], CLEARED], [[CHOSEN, TOLD], { type: "preview-gone" }],
    [[CHOSEN, TOLD, TARGET, REFUSED], TARGET], [[CHOSEN, REFUSED], { type: "asked-again" }],
  ];
  for (const [road, leads] of Object.values(ROADS)) for (const event of Object.keys(leads)) more.push([road, EVENTS[event]]);
  for (const [road, event] of more) {
    const plan = after(road);
    const next = after([event], plan);
    if (next !== plan && (next.name !== plan.name || next.number !== plan.number)) made.get(plan.name).add(next.name);
  }
  const table = Object.fromEntries([...made].map(([name, goals]) => [name, [...goals].sort()]));
  assert.deepEqual(table, Object.fromEntries(Object.entries(PLAN_TRANSITIONS).map(([name, goals]) => [name, [...goals].sort()])));
});

test("an unknown event is a bug and says so", () => {
  assert.throws(() => reducePlan(startPlan(), { type: "nothing" }), /no such event/);
});

test("an answer to an earlier question is dropped", () => {
  const plan = after([CHOSEN, TOLD, TARGET, { type: "changed", choices: { target: "orders" } }]);
  const late = reducePlan(plan, { ...TOLD, number: plan.number - 1, nowMs: 0 });
  assert.equal(late, plan);
  assert.equal(reducePlan(plan, { ...REFUSED, number: plan.number - 1, nowMs: 0 }), plan);
  assert.equal(after([TOLD], plan).name, "Ready");
});

test("the file is sent once: other choices are asked by the preview's id", () => {
  assert.deepEqual(previewFields(after([CHOSEN])).keep, "true");
  const fields = previewFields(after([CHOSEN, TOLD, TARGET]));
  assert.deepEqual([fields.previewId, fields.keep, fields.target], [KEPT, null, "records"]);
});

test("what is chosen while the file is on its way is asked when it is there", () => {
  const plan = after([CHOSEN, TARGET, TOLD]);
  assert.deepEqual([plan.name, previewFields(plan).target, previewFields(plan).previewId], ["Looking", "records", KEPT]);
  assert.equal(after([TOLD], plan).name, "Ready");
});

test("a preview that is kept no longer is sent again by itself, without a file it is asked for", () => {
  const again = after([CHOSEN, TOLD, TARGET, GONE]);
  assert.deepEqual([again.name, previewFields(again).previewId, again.choices.target], ["Sending", null, "records"]);
  const asked = after([RECALLED, GONE]);
  assert.deepEqual([asked.name, asked.note.key, asked.choices.target], ["Empty", "plan.chooseAgain", "orders"]);
});

test("an import that is asked for early begins when its preview has no fault", () => {
  const waiting = after([CHOSEN, { type: "start-asked", dryRun: true }]);
  assert.equal(isStarting(waiting), false);
  const begun = after([TOLD], waiting);
  assert.deepEqual([isStarting(begun), begun.start], [true, { dryRun: true }]);
  assert.equal(isStarting(after([{ type: "start-dropped" }], begun)), false);
  const faulty = after([FAULTY], waiting);
  assert.deepEqual([isStarting(faulty), faulty.start, faulty.name], [false, null, "Ready"]);
  assert.equal(after([START], faulty), faulty, "with faults nothing begins");
});

test("another choice takes back that the import was asked for", () => {
  assert.equal(after([CHOSEN, TOLD, TARGET, START, { type: "changed", choices: { sheet: "B" } }]).start, null);
});

test("a file chosen after another keeps target and mapping, and what was of the other file goes", () => {
  const first = after([CHOSEN, TOLD, { type: "changed", choices: { sheet: "Data" } }, TOLD, TARGET, TOLD]);
  const other = after([{ type: "chosen", file: { name: "b.xlsx", sizeBytes: 5 }, fault: null }], first);
  assert.deepEqual([other.choices.target, other.choices.sheet], ["records", null]);
  assert.equal(after([CHOSEN], first).choices.sheet, "Data", "the same file, mended");
  assert.equal(after([CLEARED], first).choices.sheet, null);
});

test("choices of an earlier file that do not fit are left out, and it is said", () => {
  const recalled = { ...RECALLED, choices: { target: "orders", sheet: "Gone", mode: "upsert" } };
  const plan = after([recalled, { type: "refused", problem: refusal("SHEET_UNKNOWN") }]);
  assert.deepEqual([plan.name, plan.choices.sheet, plan.choices.target, plan.choices.mode], ["Looking", null, "orders", "upsert"]);
  assert.equal(plan.note.key, "plan.leftOut");
  assert.equal(after([{ type: "refused", problem: refusal("SHEET_UNKNOWN") }], plan).name, "Unread", "once");
  const mapped = startPlan({ mapping: { kind: "own", columns: { Nr: "order_id" } } });
  const unfit = after([CHOSEN, { type: "told", preview: preview({ faults: ["…"], faultCode: "MAPPING_INVALID" }) }], mapped);
  assert.deepEqual([unfit.name, unfit.choices.mapping.kind, unfit.note.key], ["Looking", "auto", "plan.leftOut"]);
});

test("another sheet has another header and other columns", () => {
  const mapped = after([CHOSEN, TOLD, { type: "mapped", index: 1, field: "quantity", isTyped: true }, TOLD]);
  const choices = { headerLine: "3" };
  const plan = after([{ type: "changed", choices }, TOLD, { type: "changed", choices: { sheet: "B" } }], mapped);
  assert.deepEqual([plan.choices.headerLine, plan.choices.mapping.kind], [null, "auto"]);
});

test("mode and limit ask nothing of the server", () => {
  const plan = after([CHOSEN, TOLD]);
  const next = after([{ type: "set", choices: { mode: "upsert", maxErrorPercent: "5" } }], plan);
  assert.deepEqual([next.name, next.number, next.choices.mode], ["Ready", plan.number, "upsert"]);
});

test("a mapping says what was changed, and a field is fed by one column", () => {
  const plan = after([CHOSEN, TOLD, { type: "mapped", index: 1, field: "order_id", isTyped: true }]);
  assert.deepEqual(plan.choices.mapping.columns, { Pieces: "order_id", Order: null });
  assert.equal(previewFields(plan).mapping, JSON.stringify({ columns: { Pieces: "order_id", Order: null } }));
  const free = after([CHOSEN, TOLD, { type: "mapped", index: 2, field: null, isTyped: false }]);
  assert.deepEqual(free.choices.mapping.columns, { C: null });
  const nameless = preview({ headers: HEADERS.map((header) => ({ ...header, mappingKey: null })) });
  const same = after([CHOSEN, { type: "told", preview: nameless }]);
  assert.equal(after([{ type: "mapped", index: 1, field: "quantity", isTyped: true }], same), same);
});

test("the import asks for just what the preview showed", () => {
  const plan = after([CHOSEN, TOLD, { type: "set", choices: { mode: "upsert", maxErrorPercent: "2" } }]);
  const fields = importFields(plan, { dryRun: true });
  assert.deepEqual(
    [fields.target, fields.sheet, fields.headerLine, fields.mode, fields.maxErrorPercent, fields.dryRun],
    ["orders", "Data", 1, "upsert", "2", "true"],
  );
  assert.equal("mapping" in fields || "mappingName" in fields, false);
  const found = preview({ suggestedMapping: { columns: {}, mappingName: "monthly" } });
  assert.equal(importFields(after([CHOSEN, { type: "told", preview: found }]), { dryRun: false }).mappingName, "monthly");
  const text = preview({ sheet: "", dialect: { encoding: "utf-8" } });
  assert.equal(importFields(after([CHOSEN, { type: "told", preview: text }]), {}).sheet, null);
});

test("a saved mapping is used by its name, for its target, and what is saved is whole", () => {
  const plan = after([CHOSEN, TOLD, { type: "mapping-used", name: "monthly", target: "orders" }]);
  assert.deepEqual([plan.name, previewFields(plan).mappingName, plan.choices.target], ["Looking", "monthly", "orders"]);
  const changed = after([TOLD, { type: "mapped", index: 1, field: "quantity", isTyped: true }], plan);
  assert.deepEqual(changed.choices.mapping.columns, { Order: "order_id", Pieces: "quantity", C: null });
  assert.deepEqual(wholeMapping(changed), {
    target: "orders", columns: { Order: "order_id", Pieces: "quantity", C: null }, headers: ["Order", "Pieces", ""],
  });
});

test("progress and pauses are of the question that is open", () => {
  const plan = after([CHOSEN, { type: "sent", sentBytes: 40, totalBytes: 100 }]);
  assert.deepEqual([plan.sent.sentBytes, plan.sent.startedMs], [40, 0]);
  const paused = after([{ type: "waiting", wait: { tries: 1, atMs: 9 } }], plan);
  assert.equal(paused.wait.tries, 1);
  assert.equal(after([{ type: "sent", sentBytes: 50, totalBytes: 100 }], paused).wait, null);
  const ready = after([TOLD], paused);
  assert.deepEqual([ready.wait, ready.sent], [null, null]);
  assert.equal(after([{ type: "waiting", wait: { tries: 1, atMs: 9 } }], ready), ready);
});
