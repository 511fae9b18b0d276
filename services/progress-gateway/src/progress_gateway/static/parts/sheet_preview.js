/** The first rows as they stand in the sheet, with its letters and numbers, the header marked. */

import { sheetRows } from "../model/columns.js";
import { t } from "../words/messages.js";
import { el, setShown, setText } from "./dom.js";

const SHOWN = 40;

/** Return `{node, update(plan)}`. */
export function sheetPreview() {
  const caption = el("caption", { class: "unseen" });
  const [head, body] = [el("thead"), el("tbody")];
  const table = el("table", { class: "sheet" }, caption, head, body);
  const more = el("button", { class: "button small", type: "button", hidden: true });
  const none = el("p", { class: "callout", text: t("plan.noRows"), hidden: true });
  const node = el(
    "section",
    { class: "card preview", "data-part": "preview", hidden: true },
    el("h2", { id: "sheet-title", text: t("sheet.title") }),
    none,
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "sheet-title" }, table),
    more,
  );
  let shownOf = null;
  let isWhole = false;
  more.addEventListener("click", () => {
    isWhole = true;
    fill(shownOf);
    node.querySelector(".scroll").focus();
  });

  function fill(plan) {
    const { headerLine, headers } = plan.preview;
    const rows = sheetRows(plan);
    const all = rows[0]?.cells.length ?? 0;
    const wide = isWhole ? all : Math.min(all, SHOWN);
    const letters = Array.from({ length: wide }, (_, at) => el("th", { scope: "col", text: headers[at]?.letter ?? letterOf(at) }));
    head.replaceChildren(el("tr", {}, el("td", { class: "corner" }, el("span", { class: "unseen", text: t("sheet.row") })), ...letters));
    body.replaceChildren(...rows.map((row) => rowNode(row, wide)));
    setText(caption, headerLine === null ? t("sheet.captionNone") : t("sheet.caption", { line: String(headerLine) }));
    setShown(more, all > wide);
    setText(more, t("sheet.showMore", { count: all }));
    setShown(none, headerLine !== null && plan.preview.rows.length === 0);
  }

  return {
    node,
    update(plan) {
      setShown(node, plan.preview !== null && sheetRows(plan).length > 0);
      if (node.hidden || plan.preview === shownOf?.preview) return;
      if (plan.preview.sheet !== shownOf?.preview.sheet) isWhole = false;
      shownOf = plan;
      fill(plan);
    },
  };
}

function rowNode({ line, cells, kind }, wide) {
  const mark = kind === "header" ? el("span", { class: "badge mark", text: t("sheet.header") }) : null;
  const note = kind === "above" ? el("span", { class: "unseen", text: t("sheet.above") }) : null;
  const tag = kind === "header" ? "th" : "td";
  const nodes = cells.slice(0, wide).map((text) =>
    el(tag, { dir: "auto", title: text.length > 24 ? text : null }, el("span", { class: "cut", text })),
  );
  return el("tr", { class: kind }, el("th", { scope: "row" }, mark, String(line), note), ...nodes);
}

function letterOf(index) {
  let [letters, number] = ["", index + 1];
  while (number) {
    letters = String.fromCharCode(65 + ((number - 1) % 26)) + letters;
    number = Math.floor((number - 1) / 26);
  }
  return letters;
}
