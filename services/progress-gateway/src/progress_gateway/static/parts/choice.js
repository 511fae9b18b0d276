/** A row of buttons of which one is chosen, and a labelled list to choose from. */

import { el } from "./dom.js";

/** Return `{node, update(value)}` of `[{value, text}]`; `choose(value)` is called for another one. */
export function choiceButtons(label, options, choose) {
  const buttons = options.map(({ value, text }) =>
    el("button", { type: "button", class: "choice", text, on: { click: () => choose(value) } }),
  );
  const node = el("div", { class: "choices", role: "group", "aria-label": label }, ...buttons);
  return {
    node,
    update(value) {
      buttons.forEach((button, at) => {
        button.setAttribute("aria-pressed", String(options[at].value === value));
      });
    },
  };
}

/** Return `{node, input, update(value)}`: a select with its label; `choose(value)` as above. */
export function choiceList(id, label, options, choose) {
  const input = el("select", { id, on: { change: () => choose(input.value) } });
  const offer = (given) => input.replaceChildren(
    ...given.map(({ value, text }) => el("option", { value, text })),
  );
  offer(options);
  const node = el("div", { class: "field compact" }, el("label", { for: id, text: label }), input);
  return { node, input, offer, update: (value) => (input.value = value) };
}
