/** Stand-ins for the browser: timers that only a test moves on, and a stream that does as told. */

export const settled = () => new Promise((resolve) => setImmediate(resolve));

export class Clock {
  nowMs = 0;
  planned = new Map();
  lastId = 0;

  setTimer = (call, waitMs) => {
    this.lastId += 1;
    this.planned.set(this.lastId, { call, atMs: this.nowMs + waitMs });
    return this.lastId;
  };

  clearTimer = (id) => this.planned.delete(id);
  now = () => this.nowMs;

  async pass(ms) {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.planned].filter(([, plan]) => plan.atMs <= endMs);
      if (!due.length) break;
      const [id, plan] = due.sort((one, other) => one[1].atMs - other[1].atMs)[0];
      this.planned.delete(id);
      this.nowMs = plan.atMs;
      plan.call();
      await settled();
    }
    this.nowMs = endMs;
  }
}

export class Source extends EventTarget {
  readyState = 1;

  close() {
    this.readyState = 2;
  }

  send(message) {
    this.dispatchEvent(Object.assign(new Event(message.type), { data: JSON.stringify(message) }));
  }

  cut(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}
