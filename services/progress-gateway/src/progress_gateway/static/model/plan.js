/** A new import until it is sent: file, preview, choices. The pure machine inside FileSelection. */

import { afterChange, carried, changedMapping, firstChoices, forAnyFile, savedMapping } from "./plan_choices.js";

/** Every transition there is; in Sending and Looking a question to the server is open. */
export const PLAN_TRANSITIONS = Object.freeze({
  Empty: ["Refused", "Sending", "Looking"],
  Refused: ["Empty", "Refused", "Sending"],
  Sending: ["Empty", "Refused", "Sending", "Looking", "Ready", "Unread"],
  Looking: ["Empty", "Refused", "Sending", "Looking", "Ready", "Unread"],
  Ready: ["Empty", "Refused", "Sending", "Looking"],
  Unread: ["Empty", "Refused", "Sending", "Looking"],
});

const ASKS = new Set(["Sending", "Looking"]);
/** What the server says of choices that came from an earlier file or job. */
const OF_CARRIED = new Set([
  "SHEET_UNKNOWN", "HEADER_LINE_UNKNOWN", "FIELD_NOT_FOR_WORKBOOK", "MAPPING_UNKNOWN",
  "MAPPING_INVALID", "TARGET_UNKNOWN", "ENCODING_INVALID", "EMPTY",
]);

/**
 * The plan at its start. `choices` may be some that an address or an earlier job brought.
 * `file`: `{name, sizeBytes}`; `hasFile`: its bytes are here and can be sent; `number`: of the
 * newest question, all answers to earlier ones are dropped; `start`: `{dryRun}` is asked for and
 * begins when a preview without faults is there; `note`: `{key, params}` on what became of what
 * was asked.
 */
export function startPlan(choices = {}) {
  return {
    name: "Empty", file: null, hasFile: false, fault: null, number: 0, sent: null, wait: null,
    preview: null, previewId: null, choices: { ...firstChoices(), ...choices },
    isCarried: Object.keys(choices).length > 0, isDirty: false, problem: null, start: null, note: null,
  };
}

/** Return the plan after an event; the same object when the event means nothing in it. */
export function reducePlan(plan, event) {
  const handle = HANDLERS[event.type];
  if (!handle) throw new Error(`no such event: ${event.type}`);
  return handle(plan, event);
}

/** Tell whether an import was asked for and can begin: its preview is there and has no fault. */
export function isStarting(plan) {
  return plan.start !== null && plan.name === "Ready" && plan.preview.faults.length === 0;
}

const HANDLERS = {
  chosen: (plan, { file, fault, nowMs }) => {
    const choices = carried(plan, file);
    const blank = { ...cleared(plan), file, choices, isCarried: true };
    if (fault !== null) return enter({ ...blank, fault }, plan, "Refused");
    return send({ ...blank, hasFile: true }, plan, nowMs);
  },
  sent: (plan, { sentBytes, totalBytes, nowMs }) =>
    plan.name === "Sending" ? { ...plan, wait: null, sent: { ...plan.sent, sentBytes, totalBytes, nowMs } } : plan,
  waiting: (plan, { wait }) => (ASKS.has(plan.name) ? { ...plan, wait } : plan),
  told: onTold,
  refused: onRefused,
  /** Choices that change what the preview shows. */
  changed: (plan, { choices, nowMs }) => ask(plan, afterChange(plan.choices, choices), nowMs),
  /** Choices that do not: the mode, and how many rows may be bad. */
  set: (plan, { choices }) => ({ ...plan, choices: { ...plan.choices, ...choices } }),
  mapped: (plan, { index, field, isTyped, nowMs }) => {
    const mapping = plan.preview && changedMapping(plan, index, field, isTyped);
    return mapping ? ask(plan, { ...plan.choices, mapping }, nowMs) : plan;
  },
  "mapping-used": (plan, { name, target, nowMs }) =>
    plan.preview ? ask(plan, { ...plan.choices, target, mapping: savedMapping(name) }, nowMs) : plan,
  "start-asked": (plan, { dryRun }) => {
    const canBegin = ASKS.has(plan.name) || (plan.name === "Ready" && plan.preview.faults.length === 0);
    return canBegin ? { ...plan, start: { dryRun } } : plan;
  },
  "start-dropped": (plan) => (plan.start === null ? plan : { ...plan, start: null }),
  /** The server has the file of this preview no more. */
  "preview-gone": (plan, { nowMs }) => gone({ ...plan, start: null }, nowMs),
  /** An earlier job's choices, and its file where a preview still keeps it. */
  recalled: (plan, { choices, file, previewId, isSameFile }) => {
    if (plan.name !== "Empty") return plan;
    const next = { ...plan, choices: { ...plan.choices, ...choices }, isCarried: true };
    if (previewId !== null) return look({ ...next, file, previewId }, plan);
    const key = isSameFile ? "plan.chooseAgain" : "plan.again";
    return { ...next, note: { key, params: { name: file.name } } };
  },
  /** The very same question once more. */
  "asked-again": (plan, { nowMs }) => {
    if (plan.name !== "Unread") return plan;
    return plan.previewId === null ? send(plan, plan, nowMs) : look({ ...plan, problem: null }, plan);
  },
  noted: (plan, { note }) => ({ ...plan, note }),
  cleared: (plan) => (plan.name === "Empty" ? plan : enter(cleared({ ...plan, choices: forAnyFile(plan.choices) }), plan, "Empty")),
};

/** What stays when a file goes: the choices, which its follower is likely to need too. */
function cleared(plan) {
  return { ...startPlan(), number: plan.number + 1, choices: plan.choices, isCarried: true };
}

function onTold(plan, { number, preview, nowMs }) {
  if (!ASKS.has(plan.name) || number !== plan.number) return plan;
  const known = {
    ...plan, preview, previewId: preview.previewId, problem: null, sent: null, wait: null,
    file: { name: preview.fileName, sizeBytes: preview.fileSizeBytes },
  };
  if (plan.isCarried && preview.faultCode === "MAPPING_INVALID") return withoutCarried(known, nowMs);
  if (plan.isDirty) return look({ ...known, isDirty: false }, plan);
  const start = preview.faults.length ? null : plan.start;
  return enter({ ...known, isCarried: false, start }, plan, "Ready");
}

function onRefused(plan, { number, problem, nowMs }) {
  if (!ASKS.has(plan.name) || number !== plan.number) return plan;
  if (problem.code === "PREVIEW_UNKNOWN") return gone(plan, nowMs);
  if (plan.isCarried && OF_CARRIED.has(problem.code) && hasCarried(plan.choices)) {
    return withoutCarried(plan, nowMs, problem.code);
  }
  return enter({ ...plan, problem, sent: null, wait: null, isDirty: false, start: null }, plan, "Unread");
}

/** The choices of an earlier file do not fit this one: they are left out, and that is said. */
function withoutCarried(plan, nowMs, code = null) {
  const { target, mode, maxErrorPercent } = plan.choices;
  const known = code === "TARGET_UNKNOWN" ? null : target;
  const choices = { ...firstChoices(), target: known, mode, maxErrorPercent };
  const next = { ...plan, choices, isCarried: false, isDirty: false, note: { key: "plan.leftOut", params: {} } };
  return plan.previewId === null ? send(next, plan, nowMs) : look(next, plan);
}

function hasCarried({ sheet, headerLine, encoding, delimiter, decimal, mapping, target }) {
  return [sheet, headerLine, encoding, delimiter, decimal, target].some((value) => value !== null)
    || mapping.kind !== "auto";
}

function gone(plan, nowMs) {
  if (plan.hasFile) return send({ ...plan, previewId: null }, plan, nowMs);
  const note = { key: "plan.chooseAgain", params: { name: plan.file?.name ?? "" } };
  return enter({ ...cleared(plan), note }, plan, "Empty");
}

/** Ask with other choices: at once where the server has the file, else when it has arrived. */
function ask(plan, choices, nowMs) {
  const next = { ...plan, choices, isCarried: false, note: null, start: null };
  if (plan.name === "Sending") return { ...next, isDirty: true, start: plan.start };
  if (plan.name === "Empty" || plan.name === "Refused") return next;
  return plan.previewId === null ? send(next, plan, nowMs) : look(next, plan);
}

function send(next, plan, nowMs) {
  const sent = { sentBytes: 0, totalBytes: next.file.sizeBytes, startedMs: nowMs, nowMs };
  return enter({ ...next, number: next.number + 1, sent, wait: null, problem: null, isDirty: false }, plan, "Sending");
}

function look(next, plan) {
  return enter({ ...next, number: next.number + 1, sent: null, wait: null }, plan, "Looking");
}

function enter(next, { name }, goal) {
  if (!PLAN_TRANSITIONS[name].includes(goal)) throw new Error(`no way from ${name} to ${goal}`);
  return { ...next, name: goal };
}
