/** What a run's page asks of the server besides its stream: batches and shares. */

import { getJson } from "./api.js";

/** Return a page of a job's batches by number: `{batches, nextFirst}`. */
export function batches(jobId, first) {
  return getJson(`/api/progress/${encodeURIComponent(jobId)}/batches?first=${first}`);
}

/** Return with whom a job is shared: `{isPublic, shares: [{userId, username, permission, expiresAt}]}`. */
export function shares(jobId) {
  return getJson(`${pathOf(jobId)}/shares`);
}

/** Share a job, or change the terms; `permissions` is `view` or `control`, `expiresAt` null: for ever. */
export function share(jobId, username, permissions, expiresAt) {
  return sendJson("POST", `${pathOf(jobId)}/share`, { shareWithUsers: [username], permissions, expiresAt });
}

/** Take a share back. */
export function unshare(jobId, userId) {
  return getJson(`${pathOf(jobId)}/share/${encodeURIComponent(userId)}`, { method: "DELETE" });
}

/** Show a job to everybody who is signed in, or no more. */
export function setPublic(jobId, isPublic) {
  return sendJson("PATCH", pathOf(jobId), { isPublic });
}

function pathOf(jobId) {
  return `/api/jobs/${encodeURIComponent(jobId)}`;
}

function sendJson(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  return getJson(path, { method, headers, body: JSON.stringify(body) });
}
