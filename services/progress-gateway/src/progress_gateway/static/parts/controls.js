/** What can be done with an import: what its status and the user's right allow, and nothing else. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { controlsOf } from "../model/controls.js";
import { isTerminal } from "../model/snapshot.js";
import { t } from "../words/messages.js";

const TEXTS = {
  pause: ["run.pause", "run.pausing"],
  resume: ["run.resume", "run.resuming"],
  retry: ["run.retry", "run.retrying"],
  cancel: ["run.cancel", "run.cancelling"],
  undo: ["run.undo", "run.undoing"],
};
const MAIN = new Set(["resume", "retry"]);

/**
 * Return `{node, update(state)}`. `asks` has what a click does: `control(action)`, `share()`,
 * `copy()` and `tellMe()`; `tellMe` is `{canAsk(), isOn()}` of the notification.
 */
export function controlButtons(asks, tellMe) {
  const controls = Object.keys(TEXTS).map((action) => ({
    action,
    node: button(MAIN.has(action) ? "primary" : "", () => asks.control(action)),
  }));
  const share = button("", asks.share, t("run.share"));
  const copy = button("", asks.copy, t("run.copyLink"));
  const tell = button("", asks.tellMe, t("run.tellMe"));
  const nodes = [...controls.map((control) => control.node), share, copy, tell];
  const node = el("div", { class: "controls", "data-part": "controls" }, ...nodes);
  return {
    node,
    update(state) {
      const focused = nodes.find((each) => each === document.activeElement);
      const allowed = controlsOf(state);
      for (const control of controls) showControl(control, state.asked, allowed);
      setShown(share, state.right === "own");
      setShown(tell, !isTerminal(state.snapshot?.status) && (tellMe.canAsk() || tellMe.isOn()));
      setAttribute(tell, "aria-pressed", tellMe.isOn());
      setText(tell, t(tellMe.isOn() ? "run.willTell" : "run.tellMe"));
      // A button that goes must not take the keyboard's place with it
      if (focused?.hidden) nodes.find((each) => !each.hidden)?.focus();
    },
  };
}

function showControl({ action, node }, asked, allowed) {
  const isAsked = asked === action;
  const [text, busy] = TEXTS[action];
  setShown(node, isAsked || allowed.includes(action));
  setText(node, t(isAsked ? busy : text));
  // Busy is not disabled: the focus stays where it is
  setAttribute(node, "aria-disabled", asked === null ? null : "true");
}

function button(kind, onClick, text = "") {
  const node = el("button", { class: `button small ${kind}`.trim(), type: "button", text });
  node.addEventListener("click", () => node.getAttribute("aria-disabled") || onClick());
  return node;
}
