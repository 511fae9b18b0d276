/** The sentence for people behind a sign-in that did not work. */

import { formatClock, formatRemaining } from "../model/format.js";
import { ApiProblem, Unreachable } from "../outside/api.js";
import { locale, t } from "./messages.js";
import { textOfError } from "./problem_text.js";

const A_MOMENT_S = 5;

/** Return what to show and, where it helps, when to try again. */
export function textOfSignIn(error, nowMs) {
  if (error instanceof Unreachable) return t("signIn.away");
  if (!(error instanceof ApiProblem)) return textOfError(error);
  const { status, retryAfterS } = error;
  if (status === 401) return t("signIn.wrong");
  if (error.code === "LOGIN_OFF") return t("signIn.off");
  if (status === 429) return retryAfterS === null ? t("signIn.tooManyNow") : tooMany(retryAfterS, nowMs);
  if (status >= 502) return t("signIn.busyServer", { left: formatRemaining(retryAfterS ?? A_MOMENT_S, locale()) });
  return textOfError(error);
}

function tooMany(retryAfterS, nowMs) {
  const time = formatClock(nowMs + retryAfterS * 1000, locale());
  return t("signIn.tooMany", { left: formatRemaining(retryAfterS, locale()), time });
}
