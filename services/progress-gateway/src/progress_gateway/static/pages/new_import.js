/** The page where an import begins: file, target, upload, and the list of earlier ones. */

import * as api from "../outside/api.js";
import { faultOfFile, HEAD_BYTES } from "../model/file_checks.js";
import { textOfError } from "../words/problem_text.js";
import { reduce, startUpload } from "../model/state.js";
import { importsList } from "../parts/imports_list.js";
import { uploadView } from "../parts/upload_form.js";

/**
 * Return `{nodes, stop()}`. `outside`: `handledBySignIn(error)` shows the sign-in when that is
 * what an error asks for and tells so; `showProblem(error)` replaces the page.
 */
export function uploadPage(params, { handledBySignIn, onSignedIn, showProblem }) {
  let state = startUpload();
  let offer = null;
  let chosen = null;
  let running = null;
  let stopped = false;
  const send = (event) => {
    state = reduce(state, event);
    view.update(state, offer);
  };
  const view = uploadView({
    choose: async (file) => {
      const fault = await faultOf(file, offer);
      chosen = { file, key: api.newKey() };
      send({ type: "file-chosen", file: { name: file.name, sizeBytes: file.size }, fault });
    },
    start: async (fields) => {
      send({ type: "upload-started", nowMs: Date.now() });
      if (state.name !== "Uploading") return;
      const onProgress = (sentBytes, totalBytes) =>
        send({ type: "upload-progress", sentBytes, totalBytes, nowMs: Date.now() });
      running = api.upload({ ...chosen, fields, onProgress });
      try {
        const { jobId } = await running.answer;
        send({ type: "upload-done", jobId });
        if (!stopped) location.hash = `#/jobs/${jobId}`;
      } catch (error) {
        if (stopped) return;
        handledBySignIn(error);
        send({ type: "upload-failed", fault: faultOfUpload(error) });
      }
    },
    cancel: () => running?.cancel(),
    again: () => send({ type: "choose-again" }),
  });
  const list = importsList(handledBySignIn, { isRecent: true });
  view.update(state, offer);
  const load = () =>
    Promise.all([api.limits(), api.targets()]).then(
      ([limits, targets]) => {
        offer = { limits, targets };
        if (!stopped) view.update(state, offer);
      },
      (error) => stopped || handledBySignIn(error) || showProblem(error),
    );
  load();
  onSignedIn(load);
  return {
    nodes: [view.node, list.node],
    stop() {
      stopped = true;
      list.stop();
      running?.cancel();
    },
  };
}

async function faultOf(file, offer) {
  try {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const facts = { name: file.name, sizeBytes: file.size };
    return faultOfFile(facts, head, offer?.limits ?? null);
  } catch {
    return { key: "file.unreadable", params: {} };
  }
}

function faultOfUpload(error) {
  if (error.name === "AbortError") return { key: "upload.cancelled", params: {} };
  return { text: textOfError(error) };
}
