/** Every call to the server, and the shapes of its answers. The cookie says who asks. */

/**
 * An answer that is not a success: its message is the server's own sentence for people, `body` all
 * that it told, `retryAfterS` when it is worth another try, null where it did not say.
 */
export class ApiProblem extends Error {
  constructor(status, body, retryAfter = null) {
    super(body.detail || body.title || body.error || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? null;
    this.body = body;
    this.retryAfterS = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null;
  }
}

/** No answer at all: offline, or the server is away. */
export class Unreachable extends Error {}

/** Tell who is signed in: `{username, role}`, or null. */
export async function whoAmI() {
  try {
    return await getJson("/api/auth/me");
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

/** Sign in; the server sets its cookie, the page keeps no token. */
export async function signIn(username, password) {
  await getJson("/api/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
}

/** Sign out: the server takes its cookie back. */
export async function signOut() {
  await getJson("/api/auth/logout", { method: "POST" });
}

/** Return the limits, `{maxUploadBytes, maxRows, …}`. */
export function limits() {
  return getJson("/api/limits");
}

/** Return the targets, `[{name, mode, definition}]`. */
export async function targets() {
  return (await getJson("/api/targets")).targets;
}

/** Return one job's record. */
export function job(jobId) {
  return getJson(`/api/jobs/${encodeURIComponent(jobId)}`);
}

/** Ask something of a job: `pause`, `resume`, `cancel`, `retry` or `undo`. */
export function control(jobId, action) {
  return getJson(`/api/jobs/${encodeURIComponent(jobId)}/${action}`, { method: "POST" });
}

/** Return a job's snapshot, the same as a message of its stream. */
export function snapshot(jobId) {
  return getJson(`/api/progress/${encodeURIComponent(jobId)}`);
}

/** Return the address of a job's stream. */
export function streamAddress(jobId) {
  return `/api/progress/${encodeURIComponent(jobId)}/stream`;
}

/**
 * Send a file and make it a job. `fields` are those of the form: `target`, `mode`, `dryRun`,
 * `correctionOf`; empty ones are left out. A `previewId` among them stands for the file. `key` names
 * this attempt: sent again after a cut connection it makes no second job.
 * Returns `{answer: Promise<{jobId, …}>, cancel()}`; the promise rejects with ApiProblem,
 * Unreachable, or an AbortError.
 */
export function upload({ file, fields, key, onProgress }) {
  return sendForm("/api/upload/excel", { file, fields, key, onProgress });
}

/** Ask what an upload would do, as `upload()` does; with the field `keep` the file is kept. */
export function preview({ file, fields, onProgress }) {
  return sendForm("/api/upload/preview", { file, fields, onProgress });
}

/** Save a mapping under a name: `{target, columns, headers}`; return it with its version. */
export function saveMapping(name, mapping) {
  return getJson(`/api/mappings/${encodeURIComponent(name)}`, {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(mapping),
  });
}

/** Return the address of the empty workbook with a target's headers. */
export function templateAddress(target) {
  return `/api/targets/${encodeURIComponent(target)}/template.xlsx`;
}

/** `fetch` cannot tell how far an upload is, so this is an XMLHttpRequest. */
function sendForm(path, { file = null, fields, key = null, onProgress = () => {} }) {
  const request = new XMLHttpRequest();
  const answer = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded, event.total));
    request.addEventListener("load", () => settle(request, resolve, reject));
    request.addEventListener("error", () => reject(new Unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    request.open("POST", path);
    if (key !== null) request.setRequestHeader("Idempotency-Key", key);
    // The fields before the file: the server knows the target when the file begins
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
    if (file !== null) form.append("file", file, file.name);
    request.send(form);
  });
  return { answer, cancel: () => request.abort() };
}

/** Return a new name for an attempt; `crypto.randomUUID` is missing on plain http addresses. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function settle(request, resolve, reject) {
  const body = parsed(request.responseText);
  if (request.status >= 200 && request.status < 300) resolve(body);
  else reject(new ApiProblem(request.status, body, request.getResponseHeader("Retry-After")));
}

/** Ask the server; rejects with ApiProblem or Unreachable. */
export async function getJson(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options, headers });
  } catch {
    throw new Unreachable();
  }
  const body = parsed(await response.text());
  if (response.ok) return body;
  throw new ApiProblem(response.status, body, response.headers.get("Retry-After"));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function withCursor(path, cursor) {
  return cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`;
}
