/** The page of one import: its stream goes through the state machine into the view. */

import * as api from "./api.js";
import { formatCount, formatPercent } from "./format.js";
import { locale, statusText, t } from "./messages.js";
import { isTerminal } from "./snapshot.js";
import { openJob, reduce } from "./state.js";
import { followJob } from "./stream.js";
import { noticeText, runView } from "./view_run.js";

const TICK_MS = 1_000;

/**
 * Return `{nodes, stop()}`; it follows the job until it is stopped. `outside`: `say(text)` tells
 * screen readers, and the two of the upload page.
 */
export function runPage(jobId, { say, handledBySignIn, showProblem }) {
  let state = openJob(jobId);
  let job = null;
  let drawing = false;
  const view = runView(jobId);

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
  const follower = followJob(
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
  const onOnline = () => follower.retryNow();
  window.addEventListener("online", onOnline);
  const ticker = setInterval(drawSoon, TICK_MS);
  readJob();
  draw();
  return {
    nodes: [view.node],
    stop() {
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
