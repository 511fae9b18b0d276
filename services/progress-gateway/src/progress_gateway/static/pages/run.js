/** The page of one import: its stream goes through the state machine into the view. */

import * as api from "../outside/api.js";
import { formatCount, formatPercent } from "../model/format.js";
import { locale, statusText, t } from "../words/messages.js";
import { noticeText } from "../words/notice.js";
import { textOfError } from "../words/problem_text.js";
import { isTerminal } from "../model/snapshot.js";
import { openJob, reduce } from "../model/state.js";
import { followJob } from "../outside/stream.js";
import { runView } from "../parts/run_view.js";

const TICK_MS = 1_000;
const RESTART_TRIES = 20;
const RESTART_MS = 250;

/**
 * Return `{nodes, stop()}`; it follows the job until it is stopped. `outside`: `say(text)` tells
 * screen readers, and the two of the upload page.
 */
export function runPage({ jobId }, { say, handledBySignIn, onSignedIn, showProblem }) {
  let state = openJob(jobId);
  let job = null;
  let drawing = false;
  let stopped = false;
  const view = runView(jobId, ask, correct, handledBySignIn);

  const draw = () => {
    drawing = false;
    view.update(state, job, Date.now());
    document.title = titleOf(state, job);
  };
  const drawSoon = () => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  };
  const send = (event) => {
    const before = state.snapshot?.status;
    state = reduce(state, { ...event, nowMs: Date.now() });
    announce(state, say);
    if (isTerminal(state.snapshot?.status) && before !== state.snapshot.status) readJob();
    drawSoon();
  };
  const readJob = () =>
    api.job(jobId).then(
      (record) => {
        job = record;
        drawSoon();
      },
      () => {}, // the snapshot carries the run; its name comes with the next reading
    );
  const follow = () => followJob(
    {
      setTimer: (call, ms) => setTimeout(call, ms),
      clearTimer: (timer) => clearTimeout(timer),
      openSource: () => new EventSource(api.streamAddress(jobId)),
      poll: () => api.snapshot(jobId),
    },
    {
      onMessage: (message, by) => send({ type: "message", message, by }),
      onLost: () => send({ type: "connection-lost" }),
      onPolling: () => send({ type: "polling-started" }),
      onReopening: () => send({ type: "connecting" }),
      onRefused: (error) => handledBySignIn(error) || showProblem(error),
    },
  );
  /** Show at once what was asked; the stream tells when it is done. */
  async function ask(action) {
    send({ type: "control-asked", action });
    try {
      await api.control(jobId, action);
      if (action === "retry") await followAgain();
      if (action === "undo") reopen();
    } catch (error) {
      send({ type: "control-refused", fault: t("run.controlFailed", { why: textOfError(error) }) });
      handledBySignIn(error);
    }
  }
  /** Send a corrected file, and watch this job heal; return the correction's own job. */
  async function correct(file, { onProgress, signal }) {
    try {
      const fields = { correctionOf: jobId };
      const sent = api.upload({ file, fields, key: api.newKey(), onProgress });
      signal.addEventListener("abort", sent.cancel);
      const { jobId: correctionId } = await sent.answer;
      reopen();
      return correctionId;
    } catch (error) {
      handledBySignIn(error);
      throw error;
    }
  }
  /** Follow anew: the stream of an ended job is over, and one that changes it holds it open. */
  const reopen = () => {
    if (stopped) return;
    follower.stop();
    follower = follow();
  };
  /** The stream of a cancelled job has ended: a new one begins when the new run is known. */
  const followAgain = async () => {
    for (let at = 0; at < RESTART_TRIES && isTerminal((await api.snapshot(jobId)).status); at += 1) {
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
    if (stopped) return;
    follower.stop();
    state = { ...openJob(jobId), right: state.right };
    follower = follow();
    drawSoon();
  };
  let follower = follow();
  onSignedIn(() => reopen());
  const onOnline = () => follower.retryNow();
  window.addEventListener("online", onOnline);
  const ticker = setInterval(drawSoon, TICK_MS);
  readJob();
  draw();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
      follower.stop();
      clearInterval(ticker);
      window.removeEventListener("online", onOnline);
    },
  };
}

function announce({ snapshot }, say) {
  if (snapshot === null) return;
  const { status, data } = snapshot;
  const said = noticeText(snapshot);
  if (said !== null) return say(`${statusText(status)}. ${said}`);
  const failed = formatCount(data.failedRows ?? 0, locale());
  say(t("say.progress", { percent: formatPercent(data.percentage ?? 0, locale()), failed }));
}

function titleOf({ snapshot }, job) {
  const parts = [job?.fileName, "Sluice"];
  if (snapshot !== null) {
    const { status, data } = snapshot;
    const percent = formatPercent(data.percentage ?? 0, locale());
    parts.unshift(isTerminal(status) ? statusText(status) : percent);
  }
  return parts.filter(Boolean).join(" · ");
}
