/** Pause, resume, cancel, retry and undo: what a job's status allows, and what was asked just now. */

import { el, setShown, setText } from "./dom.js";
import { t } from "../words/messages.js";
import { controlsOf } from "../model/controls.js";

const TEXTS = {
  pause: ["run.pause", "run.pausing"],
  resume: ["run.resume", "run.resuming"],
  cancel: ["run.cancel", "run.cancelling"],
  retry: ["run.retry", "run.retrying"],
  undo: ["run.undo", "run.undoing"],
};

/** Return `{node, update(state)}`; `ask(action)` is called with what was clicked. */
export function controlButtons(ask) {
  const buttons = Object.keys(TEXTS).map((action) => ({
    action,
    node: el("button", {
      class: "button small",
      type: "button",
      hidden: true,
      on: { click: () => (action !== "undo" || window.confirm(t("run.undoConfirm"))) && ask(action) },
    }),
  }));
  const node = el("div", { class: "controls" }, ...buttons.map((button) => button.node));
  return {
    node,
    update(state) {
      const allowed = controlsOf(state);
      for (const { action, node: button } of buttons) {
        const isAsked = state.asked === action;
        const [text, busy] = TEXTS[action];
        setShown(button, isAsked || allowed.includes(action));
        setText(button, t(isAsked ? busy : text));
        button.disabled = state.asked !== null;
      }
    },
  };
}
