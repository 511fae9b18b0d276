/** The page where an import begins: file, preview, choices, upload, and the list of earlier ones. */

import { isStarting, reducePlan, startPlan } from "../model/plan.js";
import { choicesOfParams, importFields, wholeMapping } from "../model/plan_choices.js";
import { reduce, startUpload } from "../model/state.js";
import * as api from "../outside/api.js";
import { faultOfChosen, sendingOf } from "../outside/file_sender.js";
import { keyKeeper, sendImport } from "../outside/import_sender.js";
import { patiently } from "../outside/patience.js";
import { planOfJob } from "../outside/plan_of_job.js";
import { previewAsker } from "../outside/preview_asker.js";
import { problemOf } from "../outside/problems.js";
import { importsList } from "../parts/imports_list.js";
import { newImportView } from "../parts/new_import.js";
import { t } from "../words/messages.js";
import { readyText } from "../words/plan_text.js";
import { orSignIn } from "./session.js";

const TICK_MS = 500;
const LOAD_AGAIN_MS = 4_000;
const CANCELLED = { key: "upload.cancelled", params: {} };

/** Return `{nodes, stop(), holds(), keeps()}`. `params`: what an address brings, as `from` (a job's id). */
export function uploadPage(params, { say, handledBySignIn, onSignedIn, showProblem, go }) {
  const page = { state: startUpload(), plan: startPlan(choicesOfParams(params)), offer: null, wait: null };
  let bytes = null;
  let asked = null;
  let running = null;
  let stopped = false;
  let loadAgain = null;
  const signIns = [];
  const keysFor = keyKeeper(api.newKey);
  const timers = {
    setTimer: (call, ms) => setTimeout(call, ms),
    clearTimer: (timer) => clearTimeout(timer),
    now: () => Date.now(),
  };
  const again = (attempt, onWaiting) => patiently(attempt, { ...timers, isSignedIn, signedIn }, onWaiting);
  const isSignedIn = async () => (await api.whoAmI()) !== null;
  const signedIn = (error) =>
    new Promise((resolve) => {
      signIns.push(resolve);
      if (!stopped) handledBySignIn(error);
    });

  const draw = () => stopped || view.update(page, Date.now());
  const send = (event) => {
    page.state = reduce(page.state, { ...event, nowMs: Date.now() });
    draw();
  };
  const tell = (event) => {
    const before = page.plan;
    page.plan = reducePlan(before, { ...event, nowMs: Date.now() });
    asker.follow(page.plan);
    if (page.plan.name === "Ready" && page.plan.preview !== before.preview) say(readyText(page));
    if (isStarting(page.plan)) begin(page.plan);
    else draw();
  };
  const asker = previewAsker(
    {
      ...timers,
      ask: ({ withFile, fields, onProgress }, onWaiting) => {
        const post = (file) => api.preview({ file, fields, onProgress });
        const file = bytes;
        return again(() => (withFile ? sendingOf(file, () => post(file)) : post(null)), onWaiting);
      },
    },
    { told: tell, problemOf },
  );

  /** Send what was planned; what is refused leaves the plan as it is. */
  async function begin(plan) {
    const { file, previewId } = plan;
    asked = plan.start;
    const fields = importFields(plan, plan.start);
    send({ type: "file-chosen", file, fault: null });
    send({ type: "upload-started" });
    const onProgress = (sentBytes, totalBytes) => send({ type: "upload-progress", sentBytes, totalBytes });
    if (previewId !== null) onProgress(file.sizeBytes, file.sizeBytes);
    tell({ type: "start-dropped" });
    const onWaiting = (wait) => {
      page.wait = wait;
      draw();
    };
    running = sendImport(
      { previewId, file: bytes, fields, keyFor: keysFor([fields, previewId, file]), onProgress, onWaiting },
      { post: api.upload, again },
    );
    try {
      const { jobId } = await running.answer;
      send({ type: "upload-done", jobId });
      if (!stopped) go(`#/jobs/${jobId}`);
    } catch (error) {
      onFailed(error);
    }
  }
  function onFailed(error) {
    const problem = problemOf(error);
    page.wait = null;
    send({ type: "upload-failed", fault: problem });
    if (problem.code === "CANCELLED") {
      back();
      tell({ type: "noted", note: CANCELLED });
    }
    if (problem.code === "PREVIEW_UNKNOWN") tell({ type: "preview-gone" });
  }
  function back() {
    send({ type: "choose-again" });
  }

  const does = {
    async choose(file) {
      if (page.state.name !== "FileSelection") return;
      const fault = await faultOfChosen(file, page.offer?.limits ?? null);
      bytes = file;
      tell({ type: "chosen", file: { name: file.name, sizeBytes: file.size }, fault });
    },
    cancel() {
      if (page.state.name === "Uploading") return running?.cancel();
      does.another();
      return tell({ type: "noted", note: CANCELLED });
    },
    retryNow: () => (page.state.name === "Uploading" ? running?.retryNow() : asker.retryNow()),
    atOnce: () => tell({ type: "start-asked", dryRun: false }),
    start: ({ dryRun }) => tell({ type: "start-asked", dryRun }),
    change: (choices) => tell({ type: "changed", choices }),
    set: (choices) => tell({ type: "set", choices }),
    map(index, field, isTyped) {
      tell({ type: "mapped", index, field, isTyped });
      const letter = page.plan.preview.headers.find((header) => header.index === index)?.letter;
      if (field !== null && isTyped) say(t("map.moved", { field, letter }));
    },
    use: (name, target) => tell({ type: "mapping-used", name, target }),
    async save(name) {
      const save = () => api.saveMapping(name, wholeMapping(page.plan));
      const { target } = await orSignIn(handledBySignIn, save);
      tell({ type: "mapping-used", name, target });
    },
    again() {
      if (page.state.name !== "UploadError") return tell({ type: "asked-again" });
      back();
      return tell({ type: "start-asked", ...asked });
    },
    back,
    another() {
      if (page.state.name === "UploadError") back();
      bytes = null;
      tell({ type: "cleared" });
    },
  };
  const view = newImportView(does);
  const list = importsList(handledBySignIn, { isRecent: true });
  draw();
  const load = () => {
    clearTimeout(loadAgain);
    return Promise.all([api.limits(), api.targets()]).then(([limits, targets]) => {
      page.offer = { limits, targets };
      draw();
    }, onNotLoaded);
  };
  /** A file that is chosen already, or on its way, is not wiped away by what comes late. */
  function onNotLoaded(error) {
    if (stopped || handledBySignIn(error)) return;
    const isAtWork = page.plan.name !== "Empty" || page.state.name !== "FileSelection";
    if (isAtWork) loadAgain = setTimeout(load, LOAD_AGAIN_MS);
    else showProblem(error);
  }
  load();
  planOfJob(params).then((event) => event && tell(event));
  onSignedIn(() => {
    if (page.offer === null) load();
    list.load();
    for (const resolve of signIns.splice(0)) resolve();
  });
  const onOnline = () => does.retryNow();
  /** What has arrived goes on by itself: nothing is lost then. */
  const holds = () => page.state.name === "Uploading" || page.plan.name === "Sending";
  const onLeave = (event) => holds() && event.preventDefault();
  window.addEventListener("online", onOnline);
  window.addEventListener("beforeunload", onLeave);
  const ticker = setInterval(() => (page.wait ?? page.plan.wait) && draw(), TICK_MS);
  return {
    nodes: [view.node, list.node],
    holds,
    keeps: () => page.plan.file !== null,
    stop() {
      stopped = true;
      clearTimeout(loadAgain);
      clearInterval(ticker);
      window.removeEventListener("online", onOnline);
      window.removeEventListener("beforeunload", onLeave);
      list.stop();
      asker.cancel();
      running?.cancel();
    },
  };
}
