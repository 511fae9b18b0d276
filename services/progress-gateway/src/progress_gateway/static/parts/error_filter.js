/** Which errors of the list are shown: by column and by cause. */

import { ANY, choicesOf, isSame } from "../model/error_pages.js";
import { causeText, placeText } from "../words/error_text.js";
import { t } from "../words/messages.js";
import { el, setShown } from "./dom.js";

const ALL = "*";

/** Return `{node, update(kinds, filter)}`; `choose(filter)` is called with what was chosen. */
export function errorFilter(choose) {
  const column = select("error-column", t("errors.column"));
  const code = select("error-code", t("errors.cause"));
  const clear = el("button", {
    class: "button small", type: "button", text: t("errors.clear"), on: { click: () => choose(ANY) },
  });
  const valueOf = ({ value }) => (value === ALL ? null : value);
  for (const { input } of [column, code]) {
    input.addEventListener("change", () =>
      choose({ column: valueOf(column.input), code: valueOf(code.input) }));
  }
  const node = el("div", { class: "error-filter" }, column.node, code.node, clear);
  let drawn = null;
  return {
    node,
    update(kinds, filter) {
      if (kinds !== drawn) {
        drawn = kinds;
        const { columns, codes } = choicesOf(kinds);
        column.fill(t("errors.columnAny"), columns.map(({ letter, header }) =>
          [letter, placeText({ column: letter, header, field: null })]));
        code.fill(t("errors.causeAny"), codes.map((name) => [name, causeText(name)]));
      }
      column.input.value = filter.column ?? ALL;
      code.input.value = filter.code ?? ALL;
      setShown(clear, !isSame(filter, ANY));
    },
  };
}

function select(id, label) {
  const input = el("select", { id });
  return {
    input,
    node: el("div", { class: "field" }, el("label", { for: id, text: label }), input),
    fill(any, choices) {
      const options = [[ALL, any], ...choices];
      input.replaceChildren(...options.map(([value, text]) => el("option", { value, text })));
    },
  };
}
