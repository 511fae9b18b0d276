/** Asks the questions of a plan: the newest one alone, late answers to others are not heard. */

import { previewFields } from "../model/plan_choices.js";

const SETTLE_MS = 250;

/**
 * Return `{follow(plan), cancel()}`. `outer`: `ask({withFile, fields, onProgress}, onWaiting)`
 * returns `{answer, cancel()}`; `setTimer`, `clearTimer`. `told(event)` hears the machine's events
 * `sent`, `waiting`, `told` and `refused`; `problemOf(error)` makes the problem of `refused`.
 */
export function previewAsker(outer, { told, problemOf }) {
  let number = null;
  let timer = null;
  let running = null;
  const cancel = () => {
    outer.clearTimer(timer);
    running?.cancel();
    number = timer = running = null;
  };
  const run = async (plan, asked) => {
    const isSending = plan.name === "Sending";
    const onProgress = (sentBytes, totalBytes) =>
      asked === number && told({ type: "sent", sentBytes, totalBytes });
    const question = { withFile: isSending, fields: previewFields(plan), onProgress };
    running = outer.ask(question, (wait) => asked === number && told({ type: "waiting", wait }));
    try {
      const preview = await running.answer;
      if (asked === number) told({ type: "told", number: asked, preview });
    } catch (error) {
      if (asked === number) told({ type: "refused", number: asked, problem: problemOf(error) });
    }
  };
  return {
    cancel,
    retryNow: () => running?.retryNow(),
    follow(plan) {
      const asks = plan.name === "Sending" || plan.name === "Looking";
      if (!asks) return number === null ? undefined : cancel();
      if (plan.number === number) return undefined;
      cancel();
      number = plan.number;
      const asked = number;
      // One choice comes seldom alone; a file is sent at once
      const waitMs = plan.name === "Sending" || plan.preview === null ? 0 : SETTLE_MS;
      timer = outer.setTimer(() => run(plan, asked), waitMs);
      return undefined;
    },
  };
}
