/** The menu at the end of a row: a button that opens a short list of what can be done. */

import { el, setShown } from "./dom.js";

let made = 0;

/**
 * Return `{node, update(items)}`; an item is `{text, run?, href?, danger?}`. `label` names the
 * row for who cannot see it. Escape and a click elsewhere close the menu.
 */
export function rowMenu(label) {
  made += 1;
  const list = el("ul", { class: "menu-list", id: `row-menu-${made}`, hidden: true });
  const button = el("button", {
    class: "menu-button",
    type: "button",
    "aria-label": label,
    "aria-haspopup": "true",
    "aria-expanded": "false",
    "aria-controls": list.id,
    text: "⋯",
  });
  const node = el("div", { class: "menu" }, button, list);
  const show = (open) => {
    setShown(list, open);
    button.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button, a")?.focus();
  };
  button.addEventListener("click", () => show(list.hidden));
  node.addEventListener("keydown", (event) => onKey(event, { list, button, show }));
  node.addEventListener("focusout", (event) => node.contains(event.relatedTarget) || show(false));
  let shown = "";
  return {
    node,
    update(items) {
      const key = items.map((item) => item.text).join("|");
      // What somebody is about to choose from is not made anew under their hands
      if (key === shown || !list.hidden) return;
      shown = key;
      list.replaceChildren(...items.map((item) => el("li", {}, entry(item, () => show(false)))));
    },
  };
}

function entry({ text, run, href, danger }, close) {
  const kind = danger ? "menu-entry danger" : "menu-entry";
  if (href) return el("a", { class: kind, href, text });
  const click = () => {
    close();
    run();
  };
  return el("button", { class: kind, type: "button", text, on: { click } });
}

function onKey(event, { list, button, show }) {
  if (list.hidden) return;
  const entries = [...list.querySelectorAll("button, a")];
  const at = entries.indexOf(document.activeElement);
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key === "Escape") {
    show(false);
    button.focus();
  } else if (event.key in moves) {
    event.preventDefault();
    entries.at((at + moves[event.key] + entries.length) % entries.length).focus();
  }
}
