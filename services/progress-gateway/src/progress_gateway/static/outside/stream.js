/**
 * Follows one job: by its event stream, and by polling for as long as that is blocked.
 * Everything outside comes in as a port, so that tests drive it without a browser.
 */

import { NamedTimers } from "./named_timers.js";

/** A proxy that swallows the stream shows itself by silence: then polling takes over. */
export const BLOCKED_AFTER_MS = 5_000;
export const POLL_EVERY_MS = 2_000;
/** Silence is normal for a paused job; after this much one poll tells whether the line stands. */
export const SILENT_AFTER_MS = 30_000;
/** A stream that was refused is tried again after 1, 2, 4, 8, then every 15 s. */
export const REOPEN_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export const EVENT_NAMES = [
  "connection", "progress", "batch_complete", "batch_partial", "retrying", "paused", "error",
  "completed", "failed", "cancelled", "undone",
];
/** An EventSource's `readyState` once it has given up. */
export const CLOSED = 2;

/**
 * Follow a job until `stop()`.
 *
 * `ports`: `openSource()` returns an EventSource, `poll()` promises a snapshot, `setTimer` and
 * `clearTimer` are the window's. `hears`: `onMessage(message, "stream" | "poll")`,
 * `onLost()`, `onPolling()`, `onReopening()`, `onRefused(error)`: a poll was answered with
 * 401, 403 or 404, and nothing more is tried.
 */
export function followJob(ports, hears) {
  const follower = new Follower(ports, hears);
  follower.open();
  return {
    stop: () => follower.stop(),
    retryNow: () => follower.retryNow(),
    goOffline: () => follower.goOffline(),
  };
}

class Follower {
  constructor(ports, hears) {
    this.ports = ports;
    this.hears = hears;
    this.source = null;
    this.timers = new NamedTimers(ports);
    this.refusals = 0;
    this.newestVersion = -1;
    this.polling = false;
    this.offline = false;
    this.stopped = false;
  }

  open() {
    this.offline = false;
    this.source?.close();
    const source = this.ports.openSource();
    this.source = source;
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, (event) => this.onEvent(source, event));
    }
    this.pollWhenBlocked();
  }

  /** Opening anew does not begin the five seconds again: it would put polling off for ever. */
  pollWhenBlocked() {
    if (this.polling || this.timers.has("blocked")) return;
    this.timers.after("blocked", BLOCKED_AFTER_MS, () => this.startPolling());
  }

  /** The server's own event named `error` and the browser's share their name; only one has data. */
  onEvent(source, event) {
    if (this.stopped || source !== this.source) return;
    if (typeof event.data !== "string") this.onCut();
    else this.onStreamed(JSON.parse(event.data));
  }

  onStreamed(message) {
    this.polling = false;
    this.refusals = 0;
    for (const name of ["blocked", "poll", "reopen"]) this.timers.clear(name);
    this.timers.after("silent", SILENT_AFTER_MS, () => this.checkSilence());
    this.deliver(message, "stream");
  }

  /** The browser reconnects by itself unless the server refused it. */
  onCut() {
    this.timers.clear("silent");
    if (!this.polling) {
      this.hears.onLost();
      this.pollWhenBlocked();
    }
    if (this.source.readyState === CLOSED) {
      // An EventSource hides the answer's status; a poll tells whether there is any use
      if (this.refusals === 0) this.askOnce();
      this.reopenLater();
    }
  }

  reopenLater() {
    const wait = REOPEN_MS[Math.min(this.refusals, REOPEN_MS.length - 1)];
    this.refusals += 1;
    this.timers.after("reopen", wait, () => {
      if (!this.polling) this.hears.onReopening();
      this.open();
    });
  }

  startPolling() {
    this.polling = true;
    this.hears.onPolling();
    return this.pollOnce();
  }

  async pollOnce() {
    const message = await this.askOnce();
    if (this.stopped || !this.polling) return;
    if (message !== null) this.deliver(message, "poll");
    if (!this.stopped) this.timers.after("poll", POLL_EVERY_MS, () => this.pollOnce());
  }

  async checkSilence() {
    const message = await this.askOnce();
    if (this.stopped || this.polling) return;
    if (message === null) return this.doubt();
    if (message.version > this.newestVersion) this.open();
    this.timers.after("silent", SILENT_AFTER_MS, () => this.checkSilence());
  }

  /** Neither the stream nor the server says anything: nobody told the browser of the cut. */
  doubt() {
    this.hears.onLost();
    this.open();
  }

  async askOnce() {
    try {
      return await this.ports.poll();
    } catch (error) {
      if (!this.stopped && [401, 403, 404].includes(error.status)) {
        this.stop();
        this.hears.onRefused(error);
      }
      return null;
    }
  }

  /** After an end nothing comes, but for a `failed` job: it may be tried again. */
  deliver(message, by) {
    this.newestVersion = Math.max(this.newestVersion, message.version ?? -1);
    if (["completed", "cancelled", "undone"].includes(message.type)) this.stop();
    else if (message.type === "failed" && by === "poll") this.stop();
    this.hears.onMessage(message, by);
  }

  /** The network is back: do not wait for the next turn. */
  retryNow() {
    if (this.stopped || !(this.polling || this.offline || this.timers.has("reopen"))) return;
    this.refusals = 0;
    this.timers.clear("reopen");
    this.open();
  }

  /** The network is gone: a browser may take minutes to cut what is open. */
  goOffline() {
    if (this.stopped || this.offline) return;
    this.offline = true;
    this.source.close();
    this.timers.clear("silent");
    this.timers.clear("reopen");
    if (!this.polling) this.hears.onLost();
    this.pollWhenBlocked();
  }

  stop() {
    this.stopped = true;
    this.source?.close();
    this.timers.clearAll();
  }
}
