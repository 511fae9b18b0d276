/** What a refusal means for what can be done next. Pure. */

/** Nothing about file or choices is wrong: the same may be asked again. */
const AGAIN = new Set([
  "UNREACHABLE", "SERVICE_UNAVAILABLE", "SERVICE_STOPPING", "BODY_TIMEOUT", "BODY_CUT", "STORAGE_FULL",
  "IDEMPOTENCY_KEY_IN_USE", "TOO_MANY_JOBS", "TOO_MANY_UPLOADS", "TOO_MANY_UPLOADED_BYTES", "INTERNAL",
  "READERS_BUSY", "TOKEN_INVALID", "TOKEN_MISSING", "USER_UNKNOWN", "UNEXPECTED",
]);

/** Return the problem behind an answer of the server. */
export function problemOfAnswer({ status, code, message, body, retryAfterS }) {
  return {
    code: code ?? (status >= 500 ? "INTERNAL" : "UNEXPECTED"),
    detail: message,
    faults: body.faults ?? [],
    members: body,
    retryAfterS,
  };
}

/** Return a problem that no server told of. */
export function problemHere(code, detail = "") {
  return { code, detail, faults: [], members: {}, retryAfterS: null };
}

/** Tell whether the very same is worth another try. */
export function isWorthAgain({ code }) {
  return AGAIN.has(code);
}
