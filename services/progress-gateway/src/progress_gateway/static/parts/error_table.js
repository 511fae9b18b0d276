/** The errors of one page, in the order of the sheet, and the way to the pages beside it. */

import { rangeOf } from "../model/error_pages.js";
import { causeText, placeText } from "../words/error_text.js";
import { t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const COLUMNS = ["errors.row", "errors.column", "errors.value", "errors.reason"];

/** Return `{node, show(errors, place, seesValues), busy(isBusy)}`; `turn("next" | "previous")`. */
export function errorTable(turn) {
  // The roles are said, for a narrow page shows no table
  const body = el("tbody", { role: "rowgroup" });
  const caption = el("caption", { class: "unseen", text: t("errors.list") });
  const cells = COLUMNS.map((key) => el("th", { scope: "col", role: "columnheader", text: t(key) }));
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...cells));
  const table = el("table", { class: "list error-table", role: "table" }, caption, head, body);
  const none = el("p", { class: "quiet", text: t("errors.filterNone"), hidden: true });
  const range = el("span", { class: "quiet" });
  const truncated = el("p", { class: "quiet", hidden: true });
  const turner = (way, key) => el("button", {
    class: "button small", type: "button", text: t(key), on: { click: () => turn(way) },
  });
  const previous = turner("previous", "errors.previous");
  const next = turner("next", "errors.next");
  const pager = el("div", { class: "split pager" }, range, el("div", { class: "controls" }, previous, next));
  // A region that scrolls sideways can be reached by the keyboard
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("errors.list") }, table);
  const node = el("div", { class: "error-pages" }, scroll, none, truncated, pager);
  return {
    node,
    show(errors, place, seesValues) {
      body.replaceChildren(...errors.map((error) => row(error, seesValues)));
      for (const cell of table.querySelectorAll(".value")) setShown(cell, seesValues);
      setShown(cells[2], seesValues);
      setShown(scroll, errors.length > 0);
      setShown(none, errors.length === 0);
      setText(range, errors.length ? t("errors.page", rangeOf(place, errors.length)) : "");
      setShown(pager, place.next !== null || place.cursors.length > 1);
      setShown(truncated, place.truncated);
      const counts = { total: place.total ?? 0, stored: place.stored ?? 0 };
      setText(truncated, t(seesValues ? "errors.truncated" : "errors.truncatedView", counts));
      // Not `disabled`: the focus would be lost on the last page
      setAttribute(previous, "aria-disabled", place.cursors.length === 1);
      setAttribute(next, "aria-disabled", place.next === null);
    },
    busy: (isBusy) => setAttribute(table, "aria-busy", isBusy),
    toTop: () => scroll.scrollIntoView({ block: "nearest" }),
  };
}

function row(error, seesValues) {
  const { line, code, message, value, otherLine } = error;
  return el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader", class: "line", "data-label": t("errors.row"), text: String(line) }),
    el("td", { role: "cell", class: "place", text: placeText(error) }),
    el("td", { role: "cell", class: "value", text: value ?? "–" }),
    el(
      "td",
      { role: "cell", class: "reason" },
      el("p", {}, el("strong", { text: causeText(code) }), " ", el("code", { text: code })),
      // The server's own sentence, which says what was expected
      seesValues && message !== code ? el("span", { lang: "en", text: message }) : null,
      otherLine ? el("span", { text: t("errors.otherRow", { line: String(otherLine) }) }) : null,
    ),
  );
}
