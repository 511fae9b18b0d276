/** The chosen file: what it is, which sheet and row of it, and for a text how it is read. */

import { formatBytes } from "../model/format.js";
import { locale, t, textOr } from "../words/messages.js";
import { rowsText } from "../words/plan_text.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { labelledSelect } from "./select.js";

const CELLS_SHOWN = 4;
const CELL_CHARACTERS = 18;

/** Return `{node, focus(), update(plan, offer)}`; `does`: `another()`, `change(choices)`. */
export function fileChoices(does) {
  const name = el("h2", { class: "name", tabindex: -1 });
  const facts = el("span", { class: "quiet" });
  const another = el("button", { class: "button small", type: "button", text: t("upload.another") });
  another.addEventListener("click", () => does.another());
  const selects = choiceSelects(does);
  const choices = el("div", { class: "field-row" }, ...selects.map(({ row }) => row));
  const duplicate = el("p", { class: "callout", hidden: true });
  const note = el("p", { class: "callout", role: "status", hidden: true });
  const node = el(
    "div",
    { class: "card file", "data-part": "file" },
    el("div", { class: "split" }, el("div", { class: "file-name" }, name, facts), another),
    note,
    duplicate,
    choices,
  );
  return {
    node,
    focus: () => name.focus(),
    update(plan, offer) {
      setText(name, plan.file?.name ?? "");
      setText(facts, factsText(plan));
      for (const one of selects) one.update(plan, offer);
      setShown(choices, selects.some(({ row }) => !row.hidden));
      setShown(another, plan.name !== "Unread");
      setText(note, plan.note ? t(plan.note.key, plan.note.params) : "");
      setShown(note, plan.note !== null);
      showDuplicate(duplicate, plan.preview);
    },
  };
}

function factsText(plan) {
  const size = formatBytes(plan.file?.sizeBytes, locale());
  return plan.preview === null ? size : `${size} · ${rowsText(plan)}`;
}

function showDuplicate(node, preview) {
  const jobId = preview?.duplicateOf ?? null;
  setShown(node, jobId !== null);
  if (jobId === null || node.sluiceJob === jobId) return;
  node.sluiceJob = jobId;
  const link = el("a", { href: `#/jobs/${jobId}`, text: t("plan.duplicateLink") });
  node.replaceChildren(t("plan.duplicate", { target: preview.target }), " ", link);
}

function choiceSelects(does) {
  const choice = (id, label, field, show) => {
    const part = labelledSelect(id, label, (value) => does.change({ [field]: value || null }));
    return { row: part.row, update: (plan, offer) => show(part, plan, offer) };
  };
  return [
    choice("sheet", t("plan.sheet"), "sheet", showSheets),
    choice("header-line", t("plan.headerLine"), "headerLine", showHeaderLines),
    choice("encoding", t("plan.encoding"), "encoding", showWords("encoding", "encodings")),
    choice("delimiter", t("plan.delimiter"), "delimiter", showWords("delimiter", "delimiters")),
    choice("decimal", t("plan.decimal"), "decimal", showWords("decimal", "decimals")),
  ];
}

function showSheets(part, { preview, choices }) {
  const sheets = preview?.sheets ?? [];
  setShown(part.row, sheets.length > 1);
  const options = sheets.map(({ name, visible }) => [name, visible ? name : t("plan.hiddenSheet", { name })]);
  part.show(options, choices.sheet ?? preview?.sheet);
}

function showHeaderLines(part, { preview, choices }) {
  setShown(part.row, preview !== null && preview.headerLine !== null);
  if (preview === null || preview.headerLine === null) return;
  const header = { line: preview.headerLine, cells: preview.headers.map((one) => one.header) };
  const rows = [...preview.rowsAbove, header, ...preview.rows].slice(0, 20);
  const options = rows.map(({ line, cells }) => [String(line), t("plan.headerRow", { line: String(line), cells: shortCells(cells) })]);
  part.show(options, String(choices.headerLine ?? preview.headerLine));
}

function shortCells(cells) {
  const filled = cells.filter((text) => (text ?? "").trim());
  const cut = (text) => (text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS)}…` : text);
  const shown = filled.slice(0, CELLS_SHOWN).map(cut).join(", ");
  return filled.length > CELLS_SHOWN ? `${shown}, …` : shown;
}

/** Of a text file alone; what the server found stands first, for it is what holds unless it is said. */
function showWords(field, list) {
  return (part, { preview, choices, problem }, offer) => {
    const found = preview?.dialect?.[field] ?? null;
    const isText = found !== null || (problem !== null && /^(DELIMITER|ENCODING|QUOTE|DECIMAL)_/.test(problem.code));
    setShown(part.row, isText);
    if (!isText) return;
    if (field === "encoding") setText(part.label, preview?.dialect?.encodingIsGuess ? t("plan.encodingGuess") : t("plan.encoding"));
    const words = offer?.limits.textFiles?.[list] ?? [];
    const named = words.map((word) => [word, wordText(word)]);
    const isFound = found !== null && choices[field] === null;
    const auto = isFound ? t("plan.asDetected", { name: wordText(found) }) : t("plan.auto");
    part.show([["", auto], ...named], choices[field]);
    setAttribute(part.select, "aria-invalid", problem?.code?.toLowerCase().startsWith(field) ? true : null);
  };
}

/** Encodings are called the same everywhere; signs are not. */
function wordText(word) {
  return textOr(`sign.${{ ".": "point", ",": "comma" }[word] ?? word}`, word);
}
