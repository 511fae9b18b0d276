/** Why the server did not take a file or its choices: a sentence that says what to do. */

import { formatRemaining } from "../model/format.js";
import { locale, t, textOr } from "./messages.js";

const SOON_S = 60;
/** Codes that one and the same advice helps against. */
const ALIKE = [
  [/^(?:ZIP_(?!TRUNCATED)|XML_|CELL_|ROW_|SHARED_STRING_|SHEET_MISSING|TOO_MANY_S)/, "DAMAGED"],
  [/^BOMB_/, "BOMB"],
  [/^(?:TOKEN_|USER_UNKNOWN)/, "TOKEN"],
  [/^DELIMITER_UNKNOWN$/, "DELIMITER_AMBIGUOUS"],
  [/^(?:DECIMAL_UNKNOWN|FIELD_)/, "FIELD_INVALID"],
  [/^BODY_CUT$/, "UNREACHABLE"],
];
/** The server's sentence names nothing more than ours. */
const SAID = new Set([
  "UNREACHABLE", "CANCELLED", "FILE_UNREADABLE", "EMPTY_FILE", "ENCRYPTED", "LEGACY_XLS", "MACRO_FILE",
  "XLSB_FILE", "ODS_FILE", "TOO_MANY_JOBS", "TOO_MANY_UPLOADS", "TOO_MANY_UPLOADED_BYTES", "TOKEN",
  "SERVICE_STOPPING", "PREVIEW_UNKNOWN", "IDEMPOTENCY_KEY_IN_USE", "INTERNAL",
]);

/**
 * Return `{text, detail, faults}` of a problem `{code, detail, faults, members, retryAfterS}`:
 * what to do in the page's language, and beside it, where it tells more, the server's sentence.
 */
export function refusalText(problem) {
  const key = ALIKE.find(([codes]) => codes.test(problem.code ?? ""))?.[1] ?? problem.code;
  const known = textOr(`refusal.${key}`, null);
  if (known === null) return { text: problem.detail, detail: null, faults: problem.faults };
  const params = {
    max: problem.members.maxUnfinishedJobs,
    left: formatRemaining(problem.retryAfterS ?? SOON_S, locale()),
  };
  const isFaulty = problem.faults.length > 0;
  const detail = SAID.has(key) || isFaulty ? null : problem.detail;
  return { text: t(`refusal.${key}`, params), detail, faults: problem.faults };
}
