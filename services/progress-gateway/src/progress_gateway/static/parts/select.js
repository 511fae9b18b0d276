/** A select with its label, whose options are made anew only when they differ. */

import { el } from "./dom.js";

/** Return `{row, select, show(options, value)}`; options are `[value, text]`; `pick(value)` hears. */
export function labelledSelect(id, label, pick) {
  const select = el("select", { id });
  const text = el("label", { for: id, text: label });
  select.addEventListener("change", () => pick(select.value));
  return {
    row: el("div", { class: "field" }, text, select),
    label: text,
    select,
    show: (options, value) => showOptions(select, options, value),
  };
}

/** Show options and the chosen one; what is open in somebody's hands is left alone. */
export function showOptions(select, options, value) {
  const made = JSON.stringify(options);
  if (select.sluiceOptions !== made) {
    select.sluiceOptions = made;
    select.replaceChildren(...options.map(([key, text]) => el("option", { value: key, text })));
  }
  const wanted = value ?? "";
  if (select.value !== wanted) select.value = wanted;
}
