/** The page of one dead letter: why it is here, its headers, what it holds, and what to do with it. */

import { discard, letter, replay } from "../outside/ops_api.js";
import { discardDialog, replayDialog } from "../parts/letter_dialogs.js";
import { letterView } from "../parts/letter_view.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { orSignIn } from "./session.js";

/** Return `{nodes, stop()}`. */
export function letterPage({ letterId }, { handledBySignIn, onSignedIn, say, go }) {
  let stopped = false;
  const choice = { ids: [Number(letterId)] };
  const send = (more) => orSignIn(handledBySignIn, () => replay(choice, more));
  const giveUp = (reason) => orSignIn(handledBySignIn, () => discard(choice, reason));
  const view = letterView(letterId, {
    again: () => read(),
    replay: () => replayDialog({
      dryRun: (more) => send({ ...more, dryRun: true }),
      start: async (more) => go(`#/ops/replays/${(await send(more)).replayId}`),
    }),
    discard: () => discardDialog(giveUp, (count) => {
      say(t("letters.discarded", { count }));
      read();
    }),
  });
  async function read() {
    try {
      const found = await letter(letterId);
      if (!stopped) view.update({ letter: found, fault: null, nowMs: Date.now() });
    } catch (error) {
      if (stopped || handledBySignIn(error)) return;
      view.update({ letter: null, fault: textOfError(error), nowMs: Date.now() });
    }
  }
  onSignedIn(read);
  read();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
    },
  };
}
