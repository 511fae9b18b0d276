/** The page of operations: how the parts do, what waits where, what went wrong; asked every 3 s. */

import { letGoOn, overview } from "../outside/ops_api.js";
import { healthOf, lettersWaiting, withLags } from "../model/ops.js";
import { openDialog } from "../parts/dialog.js";
import { HEALTH, opsView } from "../parts/ops_view.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { orSignIn } from "./session.js";

const ASK_EVERY_MS = 3_000;

/** Return `{nodes, stop()}`. */
export function opsPage(params, { say, handledBySignIn, onSignedIn }) {
  let facts = null;
  let samples = [];
  let fault = null;
  let readMs = null;
  let timer = null;
  let stopped = false;
  let health = null;

  const draw = () => view.update({ facts, samples, fault, readMs, nowMs: Date.now() });
  const ask = async () => {
    clearTimeout(timer);
    try {
      const answer = await overview();
      if (stopped) return;
      facts = answer;
      readMs = Date.now();
      samples = withLags(samples, facts, readMs);
      fault = null;
      tellHealth();
    } catch (error) {
      if (stopped || handledBySignIn(error)) return;
      fault = textOfError(error);
    }
    draw();
    if (!stopped) timer = setTimeout(ask, ASK_EVERY_MS);
  };
  const tellHealth = () => {
    const now = healthOf(facts);
    if (health !== null && now !== health) say(t(HEALTH[now], { count: lettersWaiting(facts.deadLetters) }));
    health = now;
  };
  const view = opsView({
    again: ask,
    letGoOn: () => openDialog({
      title: t("ops.goOnTitle"),
      body: [t("ops.goOnText")],
      confirm: { text: t("ops.goOnNow"), busy: t("ops.goOnBusy") },
      act: async () => {
        const { consumers } = await orSignIn(handledBySignIn, letGoOn);
        say(t("ops.wentOn", { count: consumers.length }));
        ask();
      },
    }),
  });
  onSignedIn(ask);
  draw();
  ask();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
