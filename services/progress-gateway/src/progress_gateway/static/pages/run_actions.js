/** What people do with one import: each shows at once that it was asked, and why it was refused. */

import * as api from "../outside/api.js";
import * as browser from "../outside/browser.js";
import * as runApi from "../outside/run_api.js";
import { isTerminal } from "../model/snapshot.js";
import { askToCancel, askToUndo, showLink } from "../parts/run_questions.js";
import { openShareDialog } from "../parts/share_dialog.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

const RESTART_TRIES = 20;
const RESTART_MS = 250;

/**
 * Return `{asks, tellMe}` for the buttons, and `isSending()` and `stop()` of a corrected file on its
 * way. `page`: `send(event)` and `facts()` of the state,
 * `reopen()` follows anew, `say(text)`, `handledBySignIn(error)`.
 */
export function runActions(jobId, page) {
  let tells = false;
  let sending = null;

  async function control(action) {
    page.send({ type: "control-asked", action });
    try {
      await api.control(jobId, action);
      if (action === "retry") await newRun(jobId);
      if (action === "retry" || action === "undo") page.reopen();
    } catch (error) {
      page.handledBySignIn(error);
      page.send({ type: "control-refused", fault: null });
      throw error;
    }
  }
  const asks = {
    control(action) {
      const { snapshot, fileName } = page.facts();
      const act = () => control(action);
      if (action === "cancel") return void askToCancel(snapshot, act);
      if (action === "undo") return void askToUndo(snapshot, fileName, act);
      act().catch((error) => {
        const fault = error.status === 401 ? null : t("run.controlFailed", { why: textOfError(error) });
        page.send({ type: "control-refused", fault });
      });
    },
    share() {
      openShareDialog(
        {
          list: () => runApi.shares(jobId),
          share: (username, permission, expiresAt) => runApi.share(jobId, username, permission, expiresAt),
          unshare: (userId) => runApi.unshare(jobId, userId),
          setPublic: (isPublic) => runApi.setPublic(jobId, isPublic),
        },
        { nowMs: () => Date.now() - page.facts().skewMs, failed: page.handledBySignIn },
      );
    },
    async copy() {
      if (await browser.copyText(location.href)) page.send({ type: "told", text: t("run.linkCopied") });
      else showLink(location.href);
    },
    async tellMe() {
      tells = !tells && (await browser.askToNotify());
      page.send({ type: "told", text: tells || browser.mayNotify() ? null : t("run.mayNotTell") });
    },
    /** Send a corrected file, and watch this job heal; return the correction's own job. */
    async correct(file, { onProgress, signal }) {
      try {
        sending = api.upload({ file, fields: { correctionOf: jobId }, key: api.newKey(), onProgress });
        signal.addEventListener("abort", sending.cancel);
        const { jobId: correctionId } = await sending.answer;
        page.reopen();
        return correctionId;
      } catch (error) {
        page.handledBySignIn(error);
        throw error;
      } finally {
        sending = null;
      }
    },
  };
  const tellMe = { canAsk: browser.mayNotify, isOn: () => tells };
  return { asks, tellMe, isSending: () => sending !== null, stop: () => sending?.cancel() };
}

/** Wait until the new run is known: a stream opened before would end with the old one. */
async function newRun(jobId) {
  for (let at = 0; at < RESTART_TRIES && isTerminal((await api.snapshot(jobId)).status); at += 1) {
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
  }
}
