/** The first question of a visit, who it is: asked again by itself while nobody can tell. */

import { isPassing } from "../outside/patience.js";

const SLOW_MS = 700;
const AGAIN_MS = 3_000;

/**
 * Return `start()`. `ask()` throws when nobody can tell; `wait()` says that it takes its time;
 * `tell(error, goesOn)` shows why and returns the node, which stays while the reason does: a screen
 * reader would begin anew, and the focus be lost.
 */
export function opening({ ask, wait, tell }, { setTimer, clearTimer }) {
  let again = null;
  let told = null;

  async function start() {
    clearTimer(again);
    const slow = setTimer(wait, SLOW_MS);
    try {
      await ask();
      told = null;
    } catch (error) {
      fail(error);
    } finally {
      clearTimer(slow);
    }
  }

  function fail(error) {
    const goesOn = isPassing(error);
    const why = error.code ?? error.name;
    if (told?.why !== why || !told.node.isConnected) told = { why, node: tell(error, goesOn) };
    // Who has gone on to something else is not called back
    const { node } = told;
    if (goesOn) again = setTimer(() => node.isConnected && start(), AGAIN_MS);
  }

  return start;
}
