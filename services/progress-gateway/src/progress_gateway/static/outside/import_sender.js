/** Sends an import: by the file that the server keeps, else with the file itself. */

import { sendingOf } from "./file_sender.js";

/**
 * Return `{answer, cancel(), retryNow()}`. `post({file, fields, key, onProgress})` and
 * `again(attempt, onWaiting)`, which does an attempt patiently, are the outside; `file` is null
 * where only the server has it.
 */
export function sendImport({ previewId, file, fields, newKey, onProgress, onWaiting }, { post, again }) {
  let running = null;
  let isCancelled = false;
  const begin = (attempt) => {
    running = again(attempt, onWaiting);
    if (isCancelled) running.cancel();
    return running.answer;
  };
  async function go() {
    if (previewId !== null) {
      const key = newKey();
      try {
        return await begin(() => post({ fields: { ...fields, previewId }, key }));
      } catch (error) {
        if (error.code !== "PREVIEW_UNKNOWN" || file === null) throw error;
      }
    }
    const key = newKey();
    return begin(() => sendingOf(file, () => post({ file, fields, key, onProgress })));
  }
  return {
    answer: go(),
    cancel() {
      isCancelled = true;
      running?.cancel();
    },
    retryNow: () => running?.retryNow(),
  };
}
