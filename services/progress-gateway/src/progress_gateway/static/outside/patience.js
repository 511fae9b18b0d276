/** Does again what failed for a while: the network, a server that restarts, a session that ended. */

import { ApiProblem, Unreachable } from "./api.js";

const DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 15_000];
const PASSING = new Set(["SERVICE_UNAVAILABLE", "SERVICE_STOPPING", "IDEMPOTENCY_KEY_IN_USE", "BODY_CUT", "BODY_TIMEOUT"]);

/**
 * Do `attempt() -> {answer, cancel()}` until it is answered; return `{answer, cancel(), retryNow()}`.
 * `outer`: `setTimer`, `clearTimer`, `now`; `isSignedIn()` asks the server, `signedIn(error)`
 * promises that somebody has signed in again; `onWaiting({tries, atMs})` tells of a pause, null when
 * it is over.
 */
export function patiently(attempt, outer, onWaiting = () => {}) {
  let running = null;
  let cancelled = false;
  let wake = null;
  const cancel = () => {
    cancelled = true;
    running?.cancel();
    wake?.();
  };
  const pause = (ms, tries) =>
    new Promise((resolve) => {
      const timer = outer.setTimer(resolve, ms);
      wake = () => {
        outer.clearTimer(timer);
        resolve();
      };
      onWaiting({ tries, atMs: outer.now() + ms });
    }).finally(() => {
      wake = null;
      onWaiting(null);
    });

  async function go() {
    let tries = 0;
    for (;;) {
      if (cancelled) throw new DOMException("cancelled", "AbortError");
      let error;
      try {
        running = attempt();
        return await running.answer;
      } catch (raised) {
        error = cancelled ? new DOMException("cancelled", "AbortError") : await meant(raised, outer);
      }
      if (error.status === 401) {
        await outer.signedIn(error);
        continue;
      }
      if (!isPassing(error) || tries >= DELAYS_MS.length) throw error;
      const after = error.retryAfterS ? error.retryAfterS * 1_000 : 0;
      tries += 1;
      await pause(Math.max(after, DELAYS_MS[tries - 1]), tries);
    }
  }
  return { answer: go(), cancel, retryNow: () => wake?.() };
}

/** Tell whether an error is of the kind that goes by itself: the line, a part that is away. */
export function isPassing(error) {
  return error instanceof Unreachable || PASSING.has(error.code) || (error.status === 502 || error.status === 504);
}

/**
 * A body that is being sent is cut when the server refuses it early, and the browser knows no more:
 * so who cannot be reached is asked whether the session has ended.
 */
async function meant(error, { isSignedIn }) {
  if (!(error instanceof Unreachable)) return error;
  try {
    return (await isSignedIn()) ? error : new ApiProblem(401, { code: "TOKEN_INVALID" });
  } catch {
    return error;
  }
}
