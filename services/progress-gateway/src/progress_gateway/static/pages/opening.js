/** The first question of a visit, who it is: asked again by itself while nobody can tell. */

import { isPassing } from "../outside/patience.js";

const SLOW_MS = 700;
const AGAIN_MS = 3_000;

/**
 * Return `{start(), isAnswered(), tellAgain()}`. `ask()` throws when nobody can tell; `open(answer)` goes
 * on with what the newest question brought; `wait()` says that it takes its time; `tell(error, goesOn)`
 * shows why and returns the node, which stays while the reason does: a screen reader would begin anew,
 * and the focus be lost. `tellAgain()` is for who changes language or address before there is an answer.
 */
export function opening({ ask, open, wait, tell }, { setTimer, clearTimer }) {
  let newest = 0;
  let isAnswered = false;
  let again = null;
  let told = null;

  async function start() {
    clearTimer(again);
    const mine = ++newest;
    isAnswered = false;
    const slow = setTimer(wait, SLOW_MS);
    try {
      const answer = await ask();
      if (mine !== newest) return;
      isAnswered = true;
      told = null;
      open(answer);
    } catch (error) {
      if (mine === newest) fail(error);
    } finally {
      clearTimer(slow);
    }
  }

  function fail(error) {
    const goesOn = isPassing(error);
    const why = error.code ?? error.name;
    if (told?.why !== why || !told.node.isConnected) {
      const show = () => tell(error, goesOn);
      told = { why, show, node: show() };
    }
    // Who has gone on to something else is not called back
    if (goesOn) again = setTimer(() => told.node.isConnected && start(), AGAIN_MS);
  }

  function tellAgain() {
    if (told?.node.isConnected) told.node = told.show();
  }

  return { start, isAnswered: () => isAnswered, tellAgain };
}
