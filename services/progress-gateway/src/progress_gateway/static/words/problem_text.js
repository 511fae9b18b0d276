/** The sentence for people behind an error of a call. */

import { ApiProblem, Unreachable } from "../outside/api.js";
import { t } from "./messages.js";

/** Return what to show; the server's own sentence where it has one. */
export function textOfError(error) {
  if (error instanceof Unreachable) return t("problem.unreachable");
  if (error instanceof ApiProblem) return error.message;
  return t("problem.unexpected", { why: error.message });
}
