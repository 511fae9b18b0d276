/** Why the server did not take it: what to do, every fault by its place, and the ways on. */

import { refusalText } from "../words/refusal_text.js";
import { t } from "../words/messages.js";
import { el, setShown, setText } from "./dom.js";

/**
 * Return `{node, focus(), update(problem, offered)}`; `does` has a function for each way on:
 * `again()`, `back()`, `another()`; `offered` names those that are shown, the first is the best.
 */
export function refusalCard(title, does, tone = "bad") {
  const heading = el("strong", { tabindex: -1, text: title });
  const text = el("p");
  const detail = el("p", { class: "detail" });
  const list = el("ul", { class: "faults", hidden: true });
  const buttons = { again: button("upload.again"), back: button("upload.back"), another: button("upload.another") };
  for (const [name, node] of Object.entries(buttons)) node.addEventListener("click", () => does[name]());
  const row = el("div", { class: "controls" });
  const node = el("div", { class: `card notice ${tone} refusal`, role: "alert", "data-part": "refusal", hidden: true }, heading, text, list, detail, row);
  let shown = null;
  return {
    node,
    focus: () => heading.focus(),
    update(problem, offered = []) {
      setShown(node, problem !== null);
      if (problem === null || problem === shown) return;
      shown = problem;
      const told = refusalText(problem);
      setText(text, told.text);
      setText(detail, told.detail ?? "");
      setShown(detail, told.detail !== null);
      list.replaceChildren(...told.faults.map((fault) => el("li", { text: fault })));
      setShown(list, told.faults.length > 0);
      row.replaceChildren(...offered.map((name) => buttons[name]));
      offered.forEach((name, at) => buttons[name].classList.toggle("primary", at === 0));
      setShown(row, offered.length > 0);
    },
  };
}

function button(key) {
  return el("button", { class: "button", type: "button", text: t(key) });
}
