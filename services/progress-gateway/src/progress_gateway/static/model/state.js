/** The page as one state machine. Pure: `reduce(state, event)`, the time is in the event. */

import { controlsOf } from "./controls.js";
import { isOver, isTerminal, merged, withSample } from "./snapshot.js";

/** Every transition there is. What is not here cannot happen. */
export const TRANSITIONS = Object.freeze({
  Start: ["FileSelection"],
  FileSelection: ["Uploading"],
  Uploading: ["UploadSuccess", "UploadError"],
  UploadError: ["FileSelection"],
  UploadSuccess: ["Connecting"],
  Connecting: ["Processing", "ConnectionError", "Completed", "Failed", "Cancelled"],
  Processing: [
    "Processing", "Completed", "ProcessingError", "Retrying", "Paused", "Cancelled",
    "ConnectionError",
  ],
  ProcessingError: ["Retrying", "Failed"],
  Retrying: ["Processing", "Failed", "Cancelled"],
  Paused: ["Processing", "Cancelled"],
  ConnectionError: ["Connecting", "Polling"],
  Polling: ["Polling", "Completed", "Failed", "Connecting", "Retrying"],
  Completed: ["Connecting"],
  Failed: ["Connecting"],
  Cancelled: [],
});

const UPLOADING = new Set(["Start", "FileSelection", "Uploading", "UploadError", "UploadSuccess"]);
const ENDED = new Set(["Completed", "Failed", "Cancelled"]);
const STATE_OF_STATUS = {
  pending: "Processing",
  processing: "Processing",
  retrying: "Retrying",
  paused: "Paused",
  completed: "Completed",
  completed_with_errors: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
  undone: "Completed",
};

/** How long a short answer to a click is shown. */
const TOLD_MS = 6_000;
/** How long a refused control stands in the place of what is to be said of the job. */
const REFUSED_MS = 20_000;
/** `skewMs`: how far the clock here is before the server's. */
const BLANK = Object.freeze({
  name: "Start",
  way: [],
  file: null,
  fault: null,
  faultUntilMs: null,
  upload: null,
  jobId: null,
  link: "none",
  lastUpdateMs: null,
  snapshot: null,
  samples: [],
  right: null,
  asked: null,
  retryAtMs: null,
  told: null,
  skewMs: 0,
});

/** The page at its start: a file is to be chosen. */
export function startUpload() {
  return enter(BLANK, "FileSelection");
}

/** The page opened on a job: a deep link begins where an upload ends. */
export function openJob(jobId) {
  return { ...BLANK, name: "Connecting", link: "connecting", jobId };
}

/**
 * Return the states from one to another, the first left out; null when there is no way.
 * What happens in one step outside may be several here: a paused job that is found
 * completed was processing in between.
 */
export function route(from, to) {
  let ways = [[from]];
  const seen = new Set();
  while (ways.length) {
    const next = [];
    for (const way of ways) {
      for (const name of TRANSITIONS[way.at(-1)]) {
        if (name === to) return [...way, name].slice(1);
        if (seen.has(name) || ENDED.has(name) || UPLOADING.has(name)) continue;
        seen.add(name);
        next.push([...way, name]);
      }
    }
    ways = next;
  }
  return null;
}

/** Return the state after an event; the same object when the event means nothing in it. */
export function reduce(state, event) {
  const handle = HANDLERS[event.type];
  if (!handle) throw new Error(`no such event: ${event.type}`);
  const after = handle(state, event);
  return after === state || after.way !== state.way ? after : { ...after, way: [] };
}

const HANDLERS = {
  "file-chosen": (state, { file, fault }) =>
    state.name === "FileSelection" ? { ...state, file, fault } : state,
  "upload-started": (state, { nowMs }) => {
    if (state.file === null || state.fault !== null) return state;
    const upload = { sentBytes: 0, totalBytes: state.file.sizeBytes, startedMs: nowMs, nowMs };
    return enter(state, "Uploading", { upload });
  },
  "upload-progress": (state, { sentBytes, totalBytes, nowMs }) =>
    state.name === "Uploading"
      ? { ...state, upload: { ...state.upload, sentBytes, totalBytes, nowMs } }
      : state,
  "upload-done": (state, { jobId }) => enter(state, "UploadSuccess", { jobId }),
  "upload-failed": (state, { fault }) => enter(state, "UploadError", { fault }),
  "choose-again": (state) =>
    enter(state, "FileSelection", { file: null, fault: null, upload: null }),
  connecting: (state) => linked(state, "Connecting", "connecting"),
  // An ended job changes again: a retry, a correction, an undo, a replay
  reopened: (state) =>
    ENDED.has(state.name) ? enter(state, "Connecting", { link: "connecting", fault: null }) : state,
  "right-known": (state, { right }) => (state.right === null ? { ...state, right } : state),
  "connection-lost": (state) =>
    isUploading(state) ? state : linked(state, "ConnectionError", "reconnecting"),
  "polling-started": (state) => (isUploading(state) ? state : linked(state, "Polling", "polling")),
  "control-asked": (state, { action }) =>
    controlsOf(state).includes(action) ? { ...state, asked: action, fault: null } : state,
  "control-refused": (state, { fault, nowMs }) =>
    ({ ...state, asked: null, fault, faultUntilMs: nowMs + REFUSED_MS }),
  told: (state, { text, nowMs }) => ({ ...state, told: text && { text, untilMs: nowMs + TOLD_MS } }),
  message: onMessage,
};

/** Return why a control was refused, null when that has been shown for long enough. */
export function refusalOf({ fault, faultUntilMs }, nowMs) {
  return fault !== null && nowMs < faultUntilMs ? fault : null;
}

function isUploading(state) {
  return UPLOADING.has(state.name);
}

/** An ended job stays ended; its line still matters while a correction or an undo goes on. */
function linked(state, goal, link) {
  if (!ENDED.has(state.name)) return enter(state, goal, { link });
  return state.link === "ended" ? state : { ...state, link };
}

function onMessage(state, { message, by, nowMs }) {
  if (isUploading(state)) return state;
  const snapshot = merged(state.snapshot, message);
  const samples = withSample(state.samples, snapshot, nowMs);
  const ended = message.data && isOver(snapshot);
  const link = ended ? "ended" : by === "poll" ? "polling" : "live";
  const right = message.right ?? state.right;
  const skewMs = message.serverTime ? nowMs - Date.parse(message.serverTime) : state.skewMs;
  const next = { ...state, snapshot, samples, link, right, skewMs, lastUpdateMs: nowMs };
  // A new connection says nothing yet: what was known may be the end of the run before
  if (snapshot === null || (!message.data && isTerminal(snapshot.status))) return next;
  if (snapshot.status !== state.snapshot?.status) next.fault = null;
  next.asked = isDone(state.asked, snapshot) ? null : state.asked;
  next.retryAtMs = retryAt(state, snapshot, nowMs);
  return enter(next, goalOf(state, snapshot, message, by));
}

/** Tell whether the status shows that what was asked has been done, or came too late. */
function isDone(asked, { status, data }) {
  if (asked === "undo") return status === "undone" || data.ongoing === "undo";
  if (asked === "pause") return status === "paused" || isTerminal(status);
  if (asked === "resume") return status !== "paused";
  return asked === "retry" ? !isTerminal(status) : isTerminal(status);
}

/** Return when the next attempt comes, by the clock here: counted from when it was heard of. */
function retryAt(state, snapshot, nowMs) {
  const { attempt, retrying } = snapshot.data;
  if (!attempt || !retrying) return null;
  const was = state.snapshot?.data;
  const isKnown = was?.attempt === attempt && was?.retrying?.chunkNo === retrying.chunkNo;
  return isKnown && state.retryAtMs !== null ? state.retryAtMs : nowMs + retrying.delaySeconds * 1000;
}

function goalOf(state, snapshot, message, by) {
  const isNewest = message.version === snapshot.version;
  if (message.type === "error" && isNewest && !isTerminal(snapshot.status)) return "ProcessingError";
  const goal = STATE_OF_STATUS[snapshot.status] ?? "Processing";
  const polls = by === "poll" && (state.name === "Polling" || state.name === "ConnectionError");
  return polls && (goal === "Processing" || goal === "Paused") ? "Polling" : goal;
}

/** Return the state moved to a goal, or as it was where no way leads there; `way` has the steps. */
function enter(state, goal, changes = {}) {
  if (state.name === goal && !TRANSITIONS[goal].includes(goal)) return state;
  const way = UPLOADING.has(state.name) ? direct(state.name, goal) : route(state.name, goal);
  return way === null ? state : { ...state, ...changes, way, name: goal };
}

/** An upload takes no detours: a click that comes too late means nothing. */
function direct(from, to) {
  return TRANSITIONS[from].includes(to) ? [to] : null;
}
