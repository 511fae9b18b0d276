/** The sentence for people behind an error of a call. */

import { ApiProblem, Unreachable } from "../outside/api.js";
import { t, textOr } from "./messages.js";

/**
 * Return a sentence of the server's, which is English and knows the details, behind what its code
 * says in the language of the page; where the page does not know the code, the sentence alone.
 */
export function problemText(code, detail) {
  const known = textOr(`why.${code}`, null);
  return known === null || !detail ? (known ?? detail) : t("why.detail", { known, detail });
}

/** Return what to show. */
export function textOfError(error) {
  if (error instanceof Unreachable) return t("problem.unreachable");
  if (error instanceof ApiProblem) return problemText(error.code, error.message);
  return t("problem.unexpected", { why: error.message });
}
