/** The calls behind the lists: of jobs, and of who did what. */

import { getJson } from "./api.js";

const PAGE = 25;

/** Return an address with these parameters; a list gives one for each of its values. */
export function withQuery(path, params) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const each of [value].flat()) if (each !== null && each !== undefined && each !== "") query.append(name, each);
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * Return a page of jobs, newest first: `{jobs, nextCursor}`. `wanted`: `scope`, `status` (several),
 * `target`, `q` (a part of the file's name), `cursor`, `limit`.
 */
export function listJobs(wanted = {}) {
  return getJson(withQuery("/api/jobs", { limit: PAGE, ...wanted }));
}

/** Erase a job, its corrections, its file and what is known of its rows; the rows themselves stay. */
export function eraseJob(jobId) {
  return getJson(`/api/jobs/${encodeURIComponent(jobId)}`, { method: "DELETE" });
}

/** Return the address of the one stream of many jobs: of `mine`, of the `visible` ones, or of `all`. */
export function manyStreamAddress(scope) {
  return withQuery("/api/progress/stream", { scope });
}

/** Return a page of a job's audit, newest first: `{entries, nextCursor}`. */
export function auditOfJob(jobId, cursor = null) {
  return getJson(withQuery(`/api/jobs/${encodeURIComponent(jobId)}/audit`, { limit: 50, cursor }));
}

/** Return a page of everybody's audit. `wanted`: `action`, `userId`, `jobId`, `since`, `until`, `cursor`. */
export function auditOfAll(wanted) {
  return getJson(withQuery("/api/ops/audit", { limit: 50, ...wanted }));
}
