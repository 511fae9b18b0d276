/** Reads the list of batches while it grows: a stream tells of the last few of each second only. */

import { isTerminal } from "../model/snapshot.js";

export const READ_EVERY_MS = 2_000;

/**
 * Return `{look(snapshot), stop()}`: looking reads on when batches are finished that the book has
 * not. `ports`: `read(first)` promises `{batches, nextFirst}`, `setTimer` and `clearTimer`;
 * `onRead()` is called when the book has changed, and `isRead()` tells whether all were read once.
 */
export function batchReader(book, ports, onRead) {
  let newest = null;
  let seen = null;
  let timer = null;
  let reading = false;
  let wasRead = false;
  let stopped = false;

  const isBehind = () => newest !== null && keyOf(newest) !== seen;
  const readSoon = (waitMs) => {
    if (timer !== null || reading || stopped) return;
    timer = ports.setTimer(() => {
      timer = null;
      if (isBehind()) read();
    }, waitMs);
  };
  async function read() {
    reading = true;
    const key = keyOf(newest);
    try {
      let first = book.firstUnlisted;
      while (first !== null && !stopped) {
        const page = await ports.read(first);
        if (stopped) return;
        book.takeListed(page.batches);
        first = page.nextFirst;
      }
      seen = key;
      wasRead = true;
      onRead();
    } catch {
      // the messages of the stream go on telling; the next turn reads again
    } finally {
      reading = false;
      if (isBehind()) readSoon(READ_EVERY_MS);
    }
  }
  return {
    isRead: () => wasRead,
    look(snapshot) {
      newest = snapshot;
      if (isBehind()) readSoon(seen === null ? 0 : READ_EVERY_MS);
    },
    stop() {
      stopped = true;
      if (timer !== null) ports.clearTimer(timer);
    },
  };
}

/** What makes the list longer: batches that finish, a new run, the end. */
function keyOf({ status, data }) {
  return [data.run, data.currentBatch, isTerminal(status)].join();
}
