/** Timers by name: one of a name at a time, and all gone at once. */

export class NamedTimers {
  /** `ports` has the window's `setTimer` and `clearTimer`. */
  constructor(ports) {
    this.ports = ports;
    this.ids = new Map();
  }

  has(name) {
    return this.ids.has(name);
  }

  /** Call after so many ms, in place of what was planned by this name. */
  after(name, waitMs, call) {
    this.clear(name);
    this.ids.set(name, this.ports.setTimer(() => {
      this.ids.delete(name);
      call();
    }, waitMs));
  }

  clear(name) {
    if (this.ids.has(name)) this.ports.clearTimer(this.ids.get(name));
    this.ids.delete(name);
  }

  clearAll() {
    for (const name of [...this.ids.keys()]) this.clear(name);
  }
}
