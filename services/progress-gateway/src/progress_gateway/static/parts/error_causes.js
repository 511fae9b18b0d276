/** Why rows failed: one line for each column and cause, the most frequent first; a click filters. */

import { isSame } from "../model/error_pages.js";
import { causeText } from "../words/error_text.js";
import { t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const SHOWN = 6;

/** Return `{node, update(causes, filter)}`; `choose(filter)` is called with what was clicked. */
export function errorCauses(choose) {
  const list = el("ul", { class: "causes" });
  const how = el("p", { class: "quiet", text: t("errors.causesHow") });
  const more = el("button", { class: "button small", type: "button", on: { click: () => unfold() } });
  const title = el("h3", { text: t("errors.causes") });
  const node = el("div", { class: "causes-block", hidden: true }, title, how, list, more);
  let drawn = null;
  let items = [];
  let isOpen = false;
  const unfold = () => {
    isOpen = true;
    fold();
    items[SHOWN].button.focus();
  };
  const fold = () => {
    items.forEach(({ node: item }, at) => setShown(item, isOpen || at < SHOWN));
    setShown(more, !isOpen && items.length > SHOWN);
  };
  return {
    node,
    update(causes, filter) {
      setShown(node, causes.length > 0);
      if (causes !== drawn) {
        drawn = causes;
        const focused = items.find(({ button }) => button === document.activeElement);
        items = causes.map((cause) => causeItem(cause, choose));
        list.replaceChildren(...items.map((item) => item.node));
        setText(more, t("errors.causesMore", { count: causes.length }));
        fold();
        // The keyboard's place is the cause, not the button that was made anew
        if (focused) items.find(({ cause }) => isSame(cause.filter, focused.cause.filter))?.button.focus();
      }
      for (const { cause, button } of items) {
        setAttribute(button, "aria-pressed", isSame(cause.filter, filter));
      }
    },
  };
}

function causeItem(cause, choose) {
  const { where, code, count, lines, share, filter } = cause;
  const fill = el("span", { class: "share-fill" });
  fill.style.width = `${Math.max(2, 100 * share)}%`;
  const button = el(
    "button",
    { class: "cause", type: "button", on: { click: () => choose(filter) } },
    el("span", { class: "cause-name", text: causeText(code) }),
    el("span", { class: "cause-where", text: where || t("errors.wholeRow") }),
    el("span", { class: "cause-count", text: t("errors.causeCount", { count }) }),
    el("span", { class: "share" }, fill),
    lines.length ? el("span", { class: "cause-rows quiet", text: linesText(lines, count) }) : null,
  );
  return { cause, button, node: el("li", {}, button) };
}

function linesText(lines, count) {
  const shown = lines.map((line) => String(line)).join(", ");
  // One error has one row, and that is no example
  return t(count === 1 ? "errors.causeRow" : "errors.causeRows", { lines: shown });
}
