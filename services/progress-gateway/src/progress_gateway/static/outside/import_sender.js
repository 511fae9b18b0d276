/** Sends an import: by the file that the server keeps, else with the file itself. */

import { sendingOf } from "./file_sender.js";

/**
 * Return `{answer, cancel(), retryNow()}`. `post({file, fields, key, onProgress})` and
 * `again(attempt, onWaiting)`, which does an attempt patiently, are the outside; `file` is null
 * where only the server has it.
 */
export function sendImport({ previewId, file, fields, keyFor, onProgress, onWaiting }, { post, again }) {
  let running = null;
  let isCancelled = false;
  const begin = (attempt) => {
    running = again(attempt, onWaiting);
    if (isCancelled) running.cancel();
    return running.answer;
  };
  async function go() {
    if (previewId !== null) {
      const key = keyFor("kept");
      try {
        return await begin(() => post({ fields: { ...fields, previewId }, key }));
      } catch (error) {
        if (error.code !== "PREVIEW_UNKNOWN" || file === null) throw error;
      }
    }
    const key = keyFor("sent");
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

/**
 * Return `keysFor(what)`, which returns `keyFor(how)`: for the same import the same keys, however
 * often it is tried, so that one whose answer was lost makes no second job.
 */
export function keyKeeper(newKey) {
  let [known, keys] = [null, new Map()];
  return (what) => {
    const told = JSON.stringify(what);
    if (told !== known) [known, keys] = [told, new Map()];
    return (how) => keys.get(how) ?? keys.set(how, newKey()).get(how);
  };
}
