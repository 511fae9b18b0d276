/** A chosen file: looked at first, and sent only while it is still what was chosen. */

import { HEAD_BYTES, faultOfFile } from "../model/file_checks.js";

/** The file was changed, moved or taken away since it was chosen. */
export class FileGone extends Error {}

/** Return `{answer, cancel()}` of `call()`, which is made once the file is seen to be there. */
export function sendingOf(file, call) {
  let running = null;
  let isCancelled = false;
  const answer = (async () => {
    try {
      await file.slice(0, 1).arrayBuffer();
    } catch {
      throw new FileGone();
    }
    if (isCancelled) throw new DOMException("cancelled", "AbortError");
    running = call();
    return running.answer;
  })();
  const cancel = () => {
    isCancelled = true;
    running?.cancel();
  };
  return { answer, cancel };
}

/** Return what is wrong with a file before it is sent, null when nothing is. */
export async function faultOfChosen(file, limits) {
  try {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    return faultOfFile({ name: file.name, sizeBytes: file.size }, head, limits);
  } catch {
    return { key: "file.unreadable", params: {} };
  }
}
