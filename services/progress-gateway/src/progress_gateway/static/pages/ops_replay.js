/** The page of one replay: what became of its letters, asked again until nothing changes any more. */

import { replayState } from "../outside/ops_api.js";
import { isReplayOver } from "../model/ops.js";
import { replayView } from "../parts/replay_view.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

const ASK_EVERY_MS = 1_000;
/** What was sent may come back as a dead letter: then it is never healed, and asking slows down. */
const ASK_LATER_MS = 5_000;

/** Return `{nodes, stop()}`. */
export function replayPage({ replayId }, { handledBySignIn, onSignedIn, say }) {
  let timer = null;
  let stopped = false;
  let wasOver = false;
  const view = replayView(() => read());
  async function read() {
    clearTimeout(timer);
    let wait = ASK_LATER_MS;
    try {
      const replay = await replayState(replayId);
      if (stopped) return;
      view.update({ replay, fault: null, nowMs: Date.now() });
      const isOver = isReplayOver(replay);
      if (isOver && !wasOver) say(t("replay.isOver", { count: replay.healed }));
      wasOver = isOver;
      if (isOver) return;
      if (replay.state !== "done") wait = ASK_EVERY_MS;
    } catch (error) {
      if (stopped || handledBySignIn(error)) return;
      view.update({ replay: null, fault: textOfError(error), nowMs: Date.now() });
      if (error.status === 404) return;
    }
    timer = setTimeout(read, wait);
  }
  onSignedIn(read);
  read();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
