/** The calls of operations: how the parts do, dead letters, replays. */

import { getJson } from "./api.js";
import { withQuery } from "./lists_api.js";

const DLQ = "/api/ops/dlq";

/** Return how everything does, see `model/ops.js`. */
export function overview() {
  return getJson("/api/ops/overview");
}

/** Let every consumer that stands still go on: `{consumers}`. */
export function letGoOn() {
  return post(`${DLQ}/resume`, null);
}

/** Return a page of dead letters, newest first: `{letters, counts, nextCursor}`. */
export function letters(wanted) {
  return getJson(withQuery(DLQ, { limit: 50, ...wanted }));
}

/** Return dead letters counted by class, job and state. */
export function letterSummary(wanted = {}) {
  return getJson(withQuery(`${DLQ}/summary`, wanted));
}

/** Return one dead letter with its record; that somebody looked is noted in the audit. */
export function letter(letterId) {
  return getJson(`${DLQ}/${encodeURIComponent(letterId)}`);
}

/**
 * Send letters again: `choice` is `{ids}` or `{filter}`, `more` `{dryRun, max, ratePerSecond}`.
 * Answers `{replayId, selected, histogram}`.
 */
export function replay(choice, more) {
  return post(`${DLQ}/replays`, { ...choice, ...more });
}

/** Return how far a replay is. */
export function replayState(replayId) {
  return getJson(`${DLQ}/replays/${encodeURIComponent(replayId)}`);
}

/** Give letters up, with the reason: `{discarded}`. */
export function discard(choice, reason) {
  return post(`${DLQ}/discards`, { ...choice, reason });
}

function post(path, body) {
  const headers = body === null ? {} : { "Content-Type": "application/json" };
  return getJson(path, { method: "POST", headers, body: body === null ? null : JSON.stringify(body) });
}
