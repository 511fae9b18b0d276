/**
 * Follows many jobs on one stream; while it is blocked or refused the list is asked for instead.
 * Everything outside comes in as a port, so that tests drive it without a browser.
 */

import { NamedTimers } from "./named_timers.js";
import { BLOCKED_AFTER_MS, CLOSED, EVENT_NAMES, SILENT_AFTER_MS } from "./stream.js";

export const ASK_EVERY_MS = 4_000;
/** A stream that was refused (too many are open) is tried again so much later. */
export const REOPEN_MS = 20_000;

/**
 * Follow until `stop()`.
 *
 * `ports`: `openSource()` returns an EventSource, `ask()` reads the list anew and promises
 * false where no answer came, `setTimer` and `clearTimer` are the window's. `hears`: `onMessage(message)` and
 * `onLink("connecting" | "live" | "reconnecting" | "asking")`.
 */
export function followJobs(ports, hears) {
  const follower = new Follower(ports, hears);
  follower.open();
  return {
    stop: () => follower.stop(),
    retryNow: () => follower.retryNow(),
    lost: () => follower.lost(),
  };
}

class Follower {
  constructor(ports, hears) {
    this.ports = ports;
    this.hears = hears;
    this.source = null;
    this.link = null;
    this.timers = new NamedTimers(ports);
    this.stopped = false;
  }

  open() {
    this.source?.close();
    const source = this.ports.openSource();
    this.source = source;
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, (event) => this.onEvent(source, name, event));
    }
    if (this.link !== "asking") this.setLink("connecting");
    this.askWhenBlocked();
  }

  /** The server's own event named `error` and the browser's share their name; only one has data. */
  onEvent(source, name, event) {
    if (this.stopped || source !== this.source) return;
    if (typeof event.data !== "string") return this.onCut();
    this.timers.clearAll();
    // What came while nobody listened is in the list
    if (name === "connection" && this.link !== null) this.ports.ask();
    this.setLink("live");
    this.timers.after("silent", SILENT_AFTER_MS, () => this.checkSilence());
    if (name !== "connection") this.hears.onMessage(JSON.parse(event.data));
  }

  async checkSilence() {
    const answered = await this.ports.ask();
    if (this.stopped || this.link !== "live" || this.timers.has("silent")) return;
    if (answered !== false) return this.timers.after("silent", SILENT_AFTER_MS, () => this.checkSilence());
    this.setLink("reconnecting");
    this.open();
  }

  onCut() {
    this.timers.clear("silent");
    if (this.link === "live") this.setLink("reconnecting");
    this.askWhenBlocked();
    if (this.source.readyState === CLOSED) {
      this.startAsking();
      this.timers.after("reopen", REOPEN_MS, () => this.open());
    }
  }

  askWhenBlocked() {
    if (this.link === "asking" || this.timers.has("blocked")) return;
    this.timers.after("blocked", BLOCKED_AFTER_MS, () => this.startAsking());
  }

  async startAsking() {
    if (this.link === "asking") return;
    this.timers.clear("blocked");
    this.setLink("asking");
    await this.askAgain();
  }

  async askAgain() {
    await this.ports.ask();
    if (this.stopped || this.link !== "asking") return;
    this.timers.after("ask", ASK_EVERY_MS, () => this.askAgain());
  }

  /** The network is back: do not wait for the next turn. */
  retryNow() {
    if (this.stopped || this.link === "live") return;
    this.timers.clear("reopen");
    this.open();
  }

  /** The network went: browsers leave an open stream as it is, and nothing comes on it. */
  lost() {
    if (this.stopped || this.link !== "live") return;
    this.source.close();
    this.timers.clear("silent");
    this.setLink("reconnecting");
    this.timers.after("reopen", REOPEN_MS, () => this.open());
  }

  setLink(link) {
    if (this.link === link) return;
    this.link = link;
    this.hears.onLink(link);
  }

  stop() {
    this.stopped = true;
    this.source?.close();
    this.timers.clearAll();
  }
}
