/** What the page of operations makes of the server's overview. Pure. */

const MAX_SAMPLES = 120;
const TONES = { up: "good", waiting: "warned", silent: "bad", missing: "bad", away: "bad", unknown: "unknown" };

/** Return the tone of a part's state. */
export function toneOfPart(state) {
  return TONES[state] ?? "unknown";
}

/** Tell in one word how everything does: `good`, `letters` that wait, `warned` or `bad`. */
export function healthOf({ parts, halts, deadLetters }) {
  const tones = parts.map(({ state }) => toneOfPart(state));
  if (halts.length > 0 || tones.includes("bad")) return "bad";
  if (tones.some((tone) => tone !== "good")) return "warned";
  return lettersWaiting(deadLetters) > 0 ? "letters" : "good";
}

/** Return how many dead letters wait for an operator. */
export function lettersWaiting(deadLetters) {
  return deadLetters.reduce((sum, { open, parked }) => sum + open + parked, 0);
}

/** Return the samples of what waits at each stage with one more; the oldest go. */
export function withLags(samples, { stages }, atMs) {
  const lags = Object.fromEntries(stages.map(({ name, waiting }) => [name, waiting]));
  return [...samples, { atMs, lags }].slice(-MAX_SAMPLES);
}

/** Return one stage's known numbers, oldest first, for its line. */
export function lineOf(samples, name) {
  return samples.map(({ lags }) => lags[name]).filter((waiting) => typeof waiting === "number");
}

/** Return whether what waits grows or shrinks over the last samples: `up`, `down` or `still`. */
export function trendOf(line) {
  if (line.length < 3) return "still";
  const tail = line.slice(-6);
  const change = tail.at(-1) - tail[0];
  if (Math.abs(change) <= Math.max(2, 0.1 * tail[0])) return "still";
  return change > 0 ? "up" : "down";
}

/** Return the points of a line in a box, as an SVG path; empty for fewer than two numbers. */
export function linePath(numbers, width, height) {
  if (numbers.length < 2) return "";
  const highest = Math.max(1, ...numbers);
  const points = numbers.map((number, at) => {
    const x = (at / (numbers.length - 1)) * width;
    const y = height - 1 - (number / highest) * (height - 2);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}

/**
 * Return the bars of rows a second: one for each step of the history that the server told, also
 * for those in which nothing was written, the newest last.
 */
export function paceBars({ stepS, untilMs, steps, count }) {
  const byAt = new Map(steps.map((step) => [Date.parse(step.at), step]));
  const lastMs = Math.floor(untilMs / (stepS * 1000)) * stepS * 1000;
  return Array.from({ length: count }, (_, at) => {
    const atMs = lastMs - (count - 1 - at) * stepS * 1000;
    const { rows = 0, failed = 0 } = byAt.get(atMs) ?? {};
    return { atMs, perSecond: rows / stepS, failedPerSecond: failed / stepS };
  });
}

/** Return the pace of now: of the last steps that are over. */
export function paceNow(bars) {
  const over = bars.slice(-4, -1);
  return over.reduce((sum, bar) => sum + bar.perSecond, 0) / Math.max(1, over.length);
}

/** Return how many letters of a class came in the last hours, and how many in as many before. */
export function changeOf(hours, span = 6) {
  const sum = (numbers) => numbers.reduce((one, other) => one + other, 0);
  return { lately: sum(hours.slice(-span)), before: sum(hours.slice(-2 * span, -span)) };
}

/** Return the filter of letters that an address asks for: unless it says more, those that are open. */
export function letterFilterOf({ errorClass = "", state = "open", jobId = "", hours = "" }) {
  return { errorClass, state, jobId, hours };
}

/** Return a filter as the server takes it, for reading. */
export function letterQuestion({ errorClass, state, jobId, hours }, nowMs) {
  const since = hours ? new Date(nowMs - Number(hours) * 3_600_000).toISOString() : null;
  const wanted = state === "any" ? null : state;
  return { errorClass: errorClass || null, state: wanted, jobId: jobId || null, since };
}

/** Return which letters are meant, as the server takes it for a replay: those chosen, or all of the filter. */
export function choiceOf({ chosen, isAll, filter }, nowMs) {
  if (!isAll) return { ids: [...chosen] };
  const { errorClass, state, jobId, since } = letterQuestion(filter, nowMs);
  return { filter: { errorClass, jobId, since, state: state ? [state] : null } };
}

/** Return what became of a replay's letters, most telling first: `[{name, count}]`, zeros left out. */
export function outcomesOf(replay) {
  const names = ["waiting", "sent", "alreadyWritten", "refused", "lost", "parked"];
  return names.map((name) => ({ name, count: replay[name] })).filter(({ count }) => count > 0);
}

/** Return the percentage of a replay's letters that were looked at. */
export function replayPercentage({ selected, waiting }) {
  return selected ? (100 * (selected - waiting)) / selected : 100;
}

/** Tell whether nothing of a replay changes any more: all sent, and what was sent is healed. */
export function isReplayOver({ state, sent, healed, alreadyWritten }) {
  return state === "done" && healed >= sent + alreadyWritten;
}
