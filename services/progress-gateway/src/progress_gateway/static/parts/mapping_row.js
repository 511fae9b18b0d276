/** One column of the sheet in the mapping table. */

import { misfit } from "../model/columns.js";
import { formatPercent } from "../model/format.js";
import { locale, t, textOr } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { showOptions } from "./select.js";

const TONES = { name: "good", alias: "good", close: "warned", saved: "good", chosen: "", none: "none" };

const LONGEST = 24;

/** Return `{node, focus(), update(facts, fields)}`; `map(index, field)` hears of a choice. */
export function mappingRow(map) {
  let facts = null;
  const letter = el("span", { class: "letter", "aria-hidden": "true" });
  const header = el("span", { class: "cut", dir: "auto" });
  const samples = el("td", { class: "samples", role: "cell" });
  const type = el("td", { class: "quiet looks", role: "cell" });
  const select = el("select");
  const needs = el("span", { class: "quiet needs" });
  const hint = el("button", { class: "button small suggest", type: "button", hidden: true });
  const how = el("span", { class: "badge" });
  select.addEventListener("change", () => map(facts.index, select.value || null));
  hint.addEventListener("click", () => {
    map(facts.index, facts.hint);
    select.focus(); // the button is gone now
  });
  const node = el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader" }, el("span", { class: "column-name" }, letter, header)),
    samples,
    type,
    el("td", { role: "cell" }, el("div", { class: "field-choice" }, select, needs, hint)),
    el("td", { role: "cell" }, how),
  );
  return {
    node,
    focus: () => select.focus(),
    update(next, fields) {
      const isNewColumn = facts?.samples !== next.samples;
      facts = next;
      const name = next.header || t("map.blank");
      setText(letter, next.letter);
      setText(header, name);
      setAttribute(header, "title", name);
      header.classList.toggle("quiet", next.header === "");
      if (isNewColumn) samples.replaceChildren(...sampleNodes(next.samples));
      setText(type, textOr(`type.${next.detectedType}`, next.detectedType));
      setAttribute(select, "aria-label", t("map.fieldFor", { letter: next.letter, header: name }));
      showOptions(select, optionsOf(next, fields), next.field);
      select.disabled = !next.canChange;
      const chosen = fields.find((field) => field.name === next.field);
      const wrong = next.canChange ? misfit(next, chosen) : null;
      setText(needs, next.canChange ? needsText(chosen, wrong) : t("map.fixed"));
      setAttribute(needs, "class", wrong === null ? "needs quiet" : "needs warn-text");
      setShown(hint, next.hint !== null && next.canChange);
      setText(hint, t("map.hint", { field: next.hint }));
      setAttribute(hint, "aria-label", t("map.hintLabel", { field: next.hint, letter: next.letter }));
      setText(how, t(`how.${next.how}`, { percent: formatPercent(100 * next.confidence, locale()) }));
      setAttribute(how, "class", `badge ${TONES[next.how]}`);
      node.classList.toggle("ignored", next.field === null);
    },
  };
}

function optionsOf({ field, header, letter }, fields) {
  const named = fields.map(({ name, isRequired }) => [name, isRequired ? t("map.required", { name }) : name]);
  const own = header || letter;
  const kept = fields.length ? [] : [...new Set([field ?? own, own])].map((name) => [name, t("map.keep", { name })]);
  return [["", t("map.ignored")], ...named, ...kept];
}

function needsText(field, wrong) {
  if (field === undefined) return "";
  const type = typeText(field.type);
  if (wrong === null) return type;
  const isMoment = field.type === "date" || field.type === "timestamp";
  return t(isMoment ? "map.noMoment" : "map.misfit", { type, value: shortened(wrong) });
}

function shortened(text) {
  const letters = [...text];
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST).join("")}…`;
}

function typeText(type) {
  return textOr(`type.${type.split("(")[0]}`, type);
}

function sampleNodes(samples) {
  if (!samples.length) return [el("span", { class: "quiet", text: t("map.noSamples") })];
  return samples.map((text) => el("span", { class: "sample", dir: "auto", title: text, text }));
}
