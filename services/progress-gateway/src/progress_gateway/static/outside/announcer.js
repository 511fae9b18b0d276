/** Tells screen readers how it goes, politely: the newest text, at most one in five seconds. */

export const QUIET_MS = 5_000;

/** Return `say(text)`; `speak` puts a text into the live region. */
export function politely(speak, { setTimer, now }) {
  let spokenAtMs = -Infinity;
  let waiting = null;
  let lastText = "";
  const flush = () => {
    if (waiting !== null && waiting !== lastText) speak(waiting);
    lastText = waiting ?? lastText;
    waiting = null;
    spokenAtMs = now();
  };
  return (text) => {
    const isPlanned = waiting !== null;
    waiting = text;
    if (isPlanned) return;
    const waitMs = spokenAtMs + QUIET_MS - now();
    if (waitMs <= 0) flush();
    else setTimer(flush, waitMs);
  };
}
