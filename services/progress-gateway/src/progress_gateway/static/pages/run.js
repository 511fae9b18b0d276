/** The page of one import: its stream goes through the state machine into the view. */

import * as api from "../outside/api.js";
import * as runApi from "../outside/run_api.js";
import * as browser from "../outside/browser.js";
import { followJob } from "../outside/stream.js";
import { BatchBook } from "../model/batches.js";
import { isOver, isTerminal } from "../model/snapshot.js";
import { openJob, reduce } from "../model/state.js";
import { goneCard } from "../parts/gone.js";
import { runView } from "../parts/run_view.js";
import { endText, progressText, runTitle } from "../words/run_text.js";
import { t } from "../words/messages.js";
import { runActions } from "./run_actions.js";
import { batchReader } from "./run_batches.js";

const TICK_MS = 1_000;
const TIMERS = {
  setTimer: (call, ms) => setTimeout(call, ms),
  clearTimer: (timer) => clearTimeout(timer),
};

/**
 * Return `{nodes, stop(), holds()}`; it follows the job until it is stopped. `outside`: `say(text)` tells
 * screen readers, `handledBySignIn(error)` and `onSignedIn(call)` are of the session.
 */
export function runPage({ jobId }, { say, handledBySignIn, onSignedIn }) {
  let state = openJob(jobId);
  let job = null;
  let isReading = false;
  let drawing = false;
  let stopped = false;
  let isGone = false;
  const book = new BatchBook();
  const actions = runActions(jobId, {
    send, say, handledBySignIn, reopen,
    facts: () => ({ ...state, fileName: job?.fileName ?? "" }),
  });
  const view = runView(jobId, actions.asks, actions.tellMe, handledBySignIn);
  const root = document.createElement("div");
  root.append(view.node);
  const reader = batchReader(book, { ...TIMERS, read: (first) => runApi.batches(jobId, first) }, drawSoon);

  function draw() {
    drawing = false;
    if (stopped || isGone) return;
    view.update(state, job, Date.now(), { book, isRead: reader.isRead() });
    document.title = runTitle(state, job);
  }
  /** One drawing for each frame; a hidden tab has no frames, only its title is seen. */
  function drawSoon() {
    if (stopped || isGone) return;
    if (document.hidden) document.title = runTitle(state, job);
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  }
  function send(event) {
    const before = state.snapshot;
    state = reduce(state, { ...event, nowMs: Date.now() });
    drawSoon();
    if (state.snapshot === before) return;
    takeBatches(event.message, before);
    say(progressText(state));
    const { status, data } = state.snapshot;
    if (!isTerminal(status) || (before?.status === status && before.data.ongoing === data.ongoing)) return;
    readJob();
    // A correction or an undo of an ended import begins with a message of an end, too
    if (before !== null && isOver(state.snapshot) && document.hidden && actions.tellMe.isOn()) {
      browser.notify(runTitle({ snapshot: state.snapshot }, job), endText(state.snapshot), jobId);
    }
  }
  function takeBatches({ data }, before) {
    const { snapshot } = state;
    if (before !== null && snapshot.data.run > before.data.run) book.forgetFailures();
    if (data) book.takeTold(data.recentBatches, data.troubledBatches);
    reader.look(snapshot);
  }
  async function readJob() {
    isReading = true;
    try {
      job = await api.job(jobId);
      send({ type: "right-known", right: job.right });
    } catch {
      // The snapshot carries the run; its name comes with the next reading
    } finally {
      isReading = false;
    }
  }
  function readUnknownJob() {
    if (job === null && !isReading) readJob();
  }
  function follow() {
    return followJob(
      {
        ...TIMERS,
        openSource: () => new EventSource(api.streamAddress(jobId)),
        poll: () => api.snapshot(jobId),
      },
      {
        onMessage(message, by) {
          send({ type: "message", message, by });
          if (message.type === "connection" || by === "poll") readUnknownJob();
        },
        onLost: () => send({ type: "connection-lost" }),
        onPolling: () => send({ type: "polling-started" }),
        onReopening: () => send({ type: "connecting" }),
        onRefused: (error) => handledBySignIn(error) || showGone(error),
      },
    );
  }
  /** Follow anew: the stream of an ended job is over, and a session may have ended the others. */
  function reopen() {
    if (stopped || isGone) return;
    follower.stop();
    readUnknownJob();
    // A cancelled job is left by a new run only: the page begins anew, what it knows stays
    if (state.name === "Cancelled") {
      const { right, snapshot, samples, asked, skewMs } = state;
      state = { ...openJob(jobId), right, snapshot, samples, asked, skewMs };
    }
    send({ type: "reopened" });
    send({ type: "connecting" });
    follower = follow();
  }
  function showGone(error) {
    isGone = true;
    follower.stop();
    reader.stop();
    const card = goneCard(error.status, state.snapshot !== null);
    root.replaceChildren(card.node);
    document.title = `${card.title} · Sluice`;
    card.focus();
  }
  /** An ended import may have gone on in another tab: who comes back to this one sees it. */
  async function onVisible() {
    if (document.hidden || stopped || isGone) return;
    drawSoon();
    if (state.link !== "ended") return follower.retryNow();
    const now = await api.snapshot(jobId).catch(() => null);
    if (now !== null && now.version > (state.snapshot?.version ?? -1)) reopen();
  }

  let follower = follow();
  const onOnline = () => follower.retryNow();
  const onOffline = () => follower.goOffline();
  onSignedIn(reopen);
  window.addEventListener("online", onOnline);
  window.addEventListener("offline", onOffline);
  document.addEventListener("visibilitychange", onVisible);
  const onLeave = (event) => actions.isSending() && event.preventDefault();
  window.addEventListener("beforeunload", onLeave);
  const ticker = setInterval(drawSoon, TICK_MS);
  readJob();
  draw();
  return {
    nodes: [root],
    holds: actions.isSending,
    stop() {
      stopped = true;
      actions.stop();
      window.removeEventListener("beforeunload", onLeave);
      follower.stop();
      reader.stop();
      clearInterval(ticker);
      window.removeEventListener("online", onOnline);
      window.removeEventListener("offline", onOffline);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}
