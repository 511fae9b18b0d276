/** Every batch of a job, in columns by number, so that ten thousand of them weigh little. Pure. */

const UNKNOWN = 0;
const WRITTEN = 1;
const DEAD = 2;
const RETRYING = 3;
const STATES = { written: WRITTEN, dead: DEAD };

/** What is known of one job's batches. `version` rises with every change; `firstUnlisted` is where to read on. */
export class BatchBook {
  constructor() {
    this.version = 0;
    this.size = 0;
    this.firstUnlisted = 0;
    this.columns = {
      state: [], first: [], last: [], rows: [], failed: [], seconds: [], retries: [], listed: [],
    };
    this.codes = new Map();
    this.troubled = new Set();
    this.problems = { version: -1, numbers: [] };
  }

  /** Take batches as the list of the server has them: `{chunkNo, state, firstLine, …}`. */
  takeListed(batches) {
    for (const batch of batches) {
      this.note(batch, STATES[batch.state] ?? UNKNOWN);
      this.columns.listed[batch.chunkNo] = 1;
    }
    while (this.columns.listed[this.firstUnlisted]) this.firstUnlisted += 1;
    this.changed(batches.length > 0);
  }

  /** Take those that a message tells of: written just now, and not written for a failure. */
  takeTold(recent = [], troubled = []) {
    const fresh = recent.filter(({ chunkNo }) => this.columns.state[chunkNo] !== WRITTEN);
    for (const batch of fresh) this.note(batch, WRITTEN);
    this.changed(this.takeTroubled(troubled) || fresh.length > 0);
  }

  takeTroubled(troubled) {
    const now = new Set(troubled.map(({ chunkNo }) => chunkNo));
    let isNew = false;
    for (const batch of troubled) {
      const { chunkNo, attempt } = batch;
      const state = attempt === null ? DEAD : RETRYING;
      const retries = attempt === null ? 0 : attempt - 1;
      const { state: states, retries: known } = this.columns;
      if (states[chunkNo] === WRITTEN) continue;
      if (states[chunkNo] === state && (known[chunkNo] ?? 0) >= retries) continue;
      this.note({ ...batch, retries }, state);
      isNew = true;
    }
    // One that is named no more has been written, or waits for its turn
    for (const chunkNo of this.troubled) {
      if (now.has(chunkNo) || this.columns.state[chunkNo] !== RETRYING) continue;
      this.columns.state[chunkNo] = UNKNOWN;
      isNew = true;
    }
    this.troubled = now;
    return isNew;
  }

  note({ chunkNo, firstLine, lastLine, rows, failed, seconds, retries, code }, state) {
    const { columns } = this;
    while (this.size <= chunkNo) this.grow();
    columns.state[chunkNo] = state;
    columns.first[chunkNo] = firstLine ?? columns.first[chunkNo];
    columns.last[chunkNo] = lastLine ?? columns.last[chunkNo];
    columns.rows[chunkNo] = rows ?? columns.rows[chunkNo];
    columns.failed[chunkNo] = failed ?? columns.failed[chunkNo];
    columns.seconds[chunkNo] = seconds ?? columns.seconds[chunkNo];
    // What was seen to be tried again stays so: the server keeps it of dead letters only
    columns.retries[chunkNo] = Math.max(retries ?? 0, columns.retries[chunkNo]);
    if (code) this.codes.set(chunkNo, code);
  }

  grow() {
    for (const column of Object.values(this.columns)) column.push(0);
    this.size += 1;
  }

  changed(isChange) {
    if (isChange) this.version += 1;
  }

  /** A new run tries again whatever is not written. */
  forgetFailures() {
    const { state, listed } = this.columns;
    for (let at = 0; at < this.size; at += 1) {
      if (state[at] === WRITTEN) continue;
      state[at] = UNKNOWN;
      listed[at] = 0;
      this.firstUnlisted = Math.min(this.firstUnlisted, at);
    }
    this.changed(true);
  }

  /** Return one batch as it is shown; what is not written lies between its neighbours. */
  at(chunkNo) {
    const { state, first, last, rows, failed, seconds, retries } = this.columns;
    const isKnown = first[chunkNo] > 0;
    const before = chunkNo > 0 ? last[chunkNo - 1] : 0;
    const after = first[chunkNo + 1] ?? 0;
    return {
      chunkNo,
      state: ["open", "written", "dead", "retrying"][state[chunkNo]],
      firstLine: isKnown ? first[chunkNo] : before && before + 1,
      lastLine: isKnown ? last[chunkNo] : after && after - 1,
      rows: state[chunkNo] === UNKNOWN ? null : rows[chunkNo] || null,
      failed: failed[chunkNo],
      seconds: state[chunkNo] === WRITTEN ? seconds[chunkNo] || null : null,
      retries: retries[chunkNo],
      code: state[chunkNo] === WRITTEN ? null : (this.codes.get(chunkNo) ?? null),
    };
  }

  /** Return the numbers of batches with failed rows or without luck, ascending. */
  problemNumbers() {
    if (this.problems.version === this.version) return this.problems.numbers;
    const { state, failed, retries } = this.columns;
    const numbers = [];
    for (let at = 0; at < this.size; at += 1) {
      if (failed[at] > 0 || retries[at] > 0 || state[at] >= DEAD) numbers.push(at);
    }
    this.problems = { version: this.version, numbers };
    return numbers;
  }
}

/**
 * Return the list as it is shown, newest first: `{count, at(index)}`. `onlyProblems` leaves out
 * what went well; `total`, where the number of batches is known, adds one line for all that wait.
 */
export function listOf(book, { onlyProblems = false, total = null } = {}) {
  if (onlyProblems) {
    const numbers = book.problemNumbers();
    return { count: numbers.length, at: (index) => book.at(numbers[numbers.length - 1 - index]) };
  }
  const waiting = total !== null && total > book.size ? 1 : 0;
  return {
    count: book.size + waiting,
    at(index) {
      if (index < waiting) return { state: "queued", chunkNo: book.size, lastNo: total - 1 };
      return book.at(book.size - 1 - (index - waiting));
    },
  };
}

/** Return which lines of a list are in sight, `{from, to}`, with a few more on both sides. */
export function linesInSight({ count, lineHeight, scrollTop, height, spare = 4 }) {
  const from = Math.max(0, Math.floor(scrollTop / lineHeight) - spare);
  const to = Math.min(count, Math.ceil((scrollTop + height) / lineHeight) + spare);
  return { from: Math.min(from, to), to };
}

/**
 * Return the name of a batch's state for people. What is not written is being written while the
 * job runs, waits while it does not, and was left behind when it is over.
 */
export function shownState({ state, failed = 0 }, { status, isRead }) {
  if (state === "written") return failed > 0 ? "partly" : "ok";
  if (state !== "open") return state;
  if (!isRead) return "unknown";
  if (["processing", "retrying"].includes(status)) return "writing";
  return ["pending", "paused"].includes(status) ? "waiting" : "left";
}
