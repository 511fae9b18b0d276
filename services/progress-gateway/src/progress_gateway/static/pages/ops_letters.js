/** The page of dead letters: narrow, choose, try dry, send again or give up. */

import { discard, letters, letterSummary, replay } from "../outside/ops_api.js";
import { choiceOf, letterFilterOf, letterQuestion } from "../model/ops.js";
import { hashOf } from "../model/routes.js";
import { discardDialog, replayDialog } from "../parts/letter_dialogs.js";
import { lettersView } from "../parts/letters_view.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { orSignIn } from "./session.js";

const NOTHING = { letters: [], counts: null, nextCursor: null };

/** Return `{nodes, stop()}`. */
export function lettersPage(params, outside) {
  const { handledBySignIn, onSignedIn, say, go } = outside;
  let filter = letterFilterOf(params);
  let page = NOTHING;
  let classes = [];
  let choice = { chosen: new Set(), isAll: false };
  let fault = null;
  let busy = true;
  let asked = 0;
  let stopped = false;

  const draw = () => stopped || view.update({ filter, page, classes, choice, fault, busy, nowMs: Date.now() });
  const read = async (cursor) => {
    const question = (asked += 1);
    busy = true;
    draw();
    try {
      const found = await letters({ ...letterQuestion(filter, Date.now()), cursor });
      if (stopped || question !== asked) return;
      page = cursor === null ? found : { ...found, letters: [...page.letters, ...found.letters] };
      fault = null;
    } catch (error) {
      if (stopped || question !== asked || handledBySignIn(error)) return;
      fault = textOfError(error);
    } finally {
      if (question === asked) busy = false;
      draw();
    }
  };
  const refresh = () => {
    letterSummary().then((summary) => {
      classes = summary.byClass.map(({ name }) => name);
      draw();
    }, () => {}); // the list itself tells what is wrong
    return read(null);
  };
  const choose = (next) => {
    choice = next;
    draw();
  };
  const wanted = () => choiceOf({ ...choice, filter }, Date.now());
  const send = (more) => orSignIn(handledBySignIn, () => replay(wanted(), more));
  /** Those of this moment: what comes while the reason is written is not given up. */
  const giveUp = () => {
    const chosen = wanted();
    return (reason) => orSignIn(handledBySignIn, () => discard(chosen, reason));
  };
  const view = lettersView({
    change(part) {
      filter = { ...filter, ...part };
      page = NOTHING;
      history.replaceState(null, "", hashOf("#/ops/letters", filter));
      choose({ chosen: new Set(), isAll: false });
      read(null);
    },
    choose,
    more: () => read(page.nextCursor),
    again: refresh,
    replay: () => replayDialog({
      dryRun: (more) => send({ ...more, dryRun: true }),
      start: async (more) => go(`#/ops/replays/${(await send(more)).replayId}`),
    }),
    discard: () => discardDialog(giveUp(), (count) => {
      say(t("letters.discarded", { count }));
      choose({ chosen: new Set(), isAll: false });
      refresh();
    }),
  });
  onSignedIn(refresh);
  draw();
  refresh();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
    },
  };
}
