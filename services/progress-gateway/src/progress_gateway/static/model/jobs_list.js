/** The list of imports: pages of the server and messages of the stream become rows. Pure. */

import { isTerminal } from "./snapshot.js";

/** Which statuses a choice of the filter means; none of them: all. */
export const STATUSES = {
  running: ["pending", "processing", "retrying", "paused"],
  completed: ["completed"],
  problems: ["completed_with_errors", "failed"],
  stopped: ["cancelled", "undone"],
};
const COUNTS = ["totalRows", "totalIsEstimate", "processedRows", "successRows", "failedRows"];

/** Nothing is known yet. */
export const NO_JOBS = Object.freeze({ jobs: [], nextCursor: null, isLoaded: false, isOpened: false });

/**
 * Return the list with its newest page: what came since is on top, what is gone is gone, and the
 * pages that were opened below stay open.
 */
export function withNewest(list, page) {
  const oldest = page.jobs.at(-1);
  const isWhole = page.nextCursor === null;
  const below = isWhole || !oldest ? [] : list.jobs.filter((job) => isOlder(job, oldest));
  const known = new Map(list.jobs.map((job) => [job.jobId, job]));
  const newest = page.jobs.map((job) => newerOf(known.get(job.jobId), job));
  const nextCursor = list.isOpened && !isWhole ? list.nextCursor : page.nextCursor;
  return { jobs: [...newest, ...below], nextCursor, isLoaded: true, isOpened: list.isOpened && !isWhole };
}

/** Return the list with the page below it. */
export function withMore(list, page) {
  const known = new Set(list.jobs.map((job) => job.jobId));
  const more = page.jobs.filter((job) => !known.has(job.jobId));
  const { nextCursor } = page;
  return { jobs: [...list.jobs, ...more], nextCursor, isLoaded: true, isOpened: true };
}

/** Return the list after a message of the stream; the same one when it says nothing new. */
export function withMessage(list, message) {
  const at = list.jobs.findIndex((job) => job.jobId === message.jobId);
  if (at < 0 || !message.data) return list;
  const job = list.jobs[at];
  if (message.version < job.version) return list;
  const counts = Object.fromEntries(
    COUNTS.filter((name) => message.data[name] != null).map((name) => [name, message.data[name]]),
  );
  const { status, version } = message;
  const live = { percentage: message.data.percentage, rowsPerSecond: message.data.rowsPerSecond };
  const next = { ...job, ...counts, status, version, live: { ...live, ongoing: message.data.ongoing ?? null } };
  return { ...list, jobs: list.jobs.with(at, next) };
}

/** Return the list without a job that was erased. */
export function without(list, jobId) {
  return { ...list, jobs: list.jobs.filter((job) => job.jobId !== jobId) };
}

/**
 * Tell whether a message is worth asking the server for the list: a new job, or another status.
 * `askedFor` has the status that each job was asked for last: one outside the filter stays unknown.
 */
export function isWorthAsking(list, message, askedFor) {
  const job = list.jobs.find(({ jobId }) => jobId === message.jobId);
  return message.status !== (job ? job.status : askedFor.get(message.jobId));
}

/** Return the jobs of a list that have one of these statuses by now. */
export function jobsWith(list, statuses) {
  return statuses ? list.jobs.filter((job) => statuses.includes(job.status)) : list.jobs;
}

/** Return the parts of a row's bar in percent, and the percentage, null while nobody knows it. */
export function rowBar(job) {
  const { processedRows = 0, failedRows = 0, totalRows = 0 } = job;
  const byRows = totalRows > 0 ? (100 * processedRows) / totalRows : null;
  const known = isTerminal(job.status) ? byRows : (job.live?.percentage ?? byRows);
  if (known === null || (!processedRows && !known)) return { percentage: null, done: 0, failed: 0 };
  const percentage = Math.min(100, known);
  const failed = processedRows ? (percentage * failedRows) / processedRows : 0;
  return { percentage, done: percentage - failed, failed };
}

/** Return how many seconds a job has taken so far, or took; null before it began. */
export function durationOf(job, nowMs) {
  const began = Date.parse(job.startedAt ?? "");
  const ended = isTerminal(job.status) ? Date.parse(job.finishedAt ?? "") : nowMs;
  return Number.isNaN(began) || Number.isNaN(ended) ? null : Math.max(0, (ended - began) / 1000);
}

/** Return what may be done with a row: `{retry, again, erase}`. */
export function actionsOn(job) {
  const mayControl = job.right === "control" || job.right === "own";
  const isFree = isTerminal(job.status) && !job.live?.ongoing;
  return {
    retry: mayControl && isFree && ["failed", "cancelled"].includes(job.status),
    again: !job.correctionOf,
    erase: job.right === "own" && isFree && !job.correctionOf,
  };
}

/** Return what a new import like this one begins with, as parameters of its address. */
export function againParams({ jobId, target, mode, mappingName }) {
  return { target, mode, mapping: mappingName, again: jobId };
}

function isOlder(job, than) {
  return job.createdAt < than.createdAt || (job.createdAt === than.createdAt && job.jobId < than.jobId);
}

/** A page that was read before the last message came must not set its row back. */
function newerOf(known, job) {
  if (!known || known.version <= job.version) return { ...job, live: known?.live };
  const { status, version, live } = known;
  return { ...job, ...Object.fromEntries(COUNTS.map((name) => [name, known[name]])), status, version, live };
}
