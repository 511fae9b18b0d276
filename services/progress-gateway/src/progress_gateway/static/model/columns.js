/** The mapping as a table: what each column of the sheet feeds, and what is still missing. Pure. */

import { fieldsByColumn } from "./plan_choices.js";

const FEW_ROWS = 20;
const NUMBERS = new Set(["smallint", "integer", "bigint", "numeric", "double"]);
const MOMENTS = new Set(["date", "timestamp"]);
const ISO_DAY = /^\d{4}-\d{2}-\d{2}(?:[T ]|$)/;

/** Return the target of a preview as the list of targets has it, null when it is not there. */
export function targetOf(plan, targets) {
  return targets?.find(({ name }) => name === plan.preview?.target) ?? null;
}

/** Tell whether a target has fields of its own; one without takes any column as it is. */
export function isTyped(target) {
  return target?.definition.kind === "typed";
}

/** Return the fields that a column may feed: `[{name, type, isRequired}]`, the target's own. */
export function fieldsOf(target) {
  if (!isTyped(target)) return [];
  return target.definition.columns.map(({ name, type, required, formats, default: fallback }) => ({
    name, type, isRequired: Boolean(required) && (fallback ?? null) === null, formats: formats ?? [],
  }));
}

/**
 * Return a value of a column that its field cannot take, null where none is sure to fail: a word for
 * a number, or a day as people write it, where the target does not say how. The rest a dry run finds.
 */
export function misfit({ samples, detectedType }, field) {
  if (detectedType !== "text" || field === undefined) return null;
  const type = field.type.split("(")[0].trim();
  const isFit = (sample) => {
    const text = sample.trim();
    if (text === "") return true; // the import takes it for an empty cell
    if (NUMBERS.has(type)) return /\d/.test(text);
    return !MOMENTS.has(type) || field.formats.length > 0 || ISO_DAY.test(text);
  };
  return samples.find((text) => !isFit(text)) ?? null;
}

/**
 * Return the rows of the mapping table: `{index, letter, header, samples, detectedType, field,
 * hint, confidence, how, canChange}`. `how`: `name`, `alias`, `close`, `saved`, `chosen` or `none`;
 * `hint`: the field that may be meant where none is fed.
 */
export function mappingRows(plan) {
  const fields = fieldsByColumn(plan);
  return plan.preview.headers.map((header) => {
    const field = fields.get(header.index) ?? null;
    const isFound = field === header.field;
    const hint = field === null && header.suggested !== null ? header.suggested : null;
    return {
      index: header.index,
      letter: header.letter,
      header: header.header.trim(),
      samples: header.samples,
      detectedType: header.detectedType,
      field,
      hint: [...fields.values()].includes(hint) ? null : hint,
      confidence: header.confidence,
      how: howFound(plan, header, field, isFound),
      canChange: header.mappingKey !== null,
    };
  });
}

function howFound({ choices, preview }, { via, suggested }, field, isFound) {
  if (!isFound) return "chosen";
  if (via === "mapping") {
    const isSaved = choices.mapping.kind !== "own" && preview.suggestedMapping.mappingName !== null;
    return isSaved || choices.mapping.kind === "saved" ? "saved" : "chosen";
  }
  return field === null || suggested !== field ? "none" : via;
}

/** Return the required fields that nothing feeds now, before the server has said so. */
export function missingFields(plan, target) {
  const fed = new Set(fieldsByColumn(plan).values());
  return fieldsOf(target).filter(({ name, isRequired }) => isRequired && !fed.has(name)).map(({ name }) => name);
}

/** Return how many columns feed a field, and how many are ignored. */
export function countsOf(rows) {
  const fed = rows.filter(({ field }) => field !== null).length;
  return { fed, ignored: rows.length - fed };
}

/** Return the targets to choose from, the best fit first: `[{name, score}]`, null: not measured. */
export function targetsByFit(plan, targets) {
  const scores = new Map((plan.preview?.targets ?? []).map(({ name, score }) => [name, score]));
  const known = targets.map(({ name }) => ({ name, score: scores.get(name) ?? null }));
  return known.sort((one, other) => (other.score ?? 0) - (one.score ?? 0));
}

/** Return about how many rows there are, exact where all were seen. */
export function rowsOf({ preview }) {
  const seen = preview.rows.length;
  const isExact = preview.estimatedRows <= FEW_ROWS && preview.estimatedRows === seen;
  return { count: preview.estimatedRows, isExact };
}

/**
 * Return the rows around the header for the table: `[{line, cells, kind}]`, `kind` one of `above`,
 * `header` and `data`; cells are as many as the widest row has.
 */
export function sheetRows({ preview }) {
  const { headers, headerLine, rows, rowsAbove } = preview;
  const header = headerLine === null ? [] : [{ line: headerLine, cells: headers.map((h) => h.header), kind: "header" }];
  const all = [
    ...rowsAbove.map((row) => ({ ...row, kind: "above" })),
    ...header,
    ...rows.map((row) => ({ ...row, kind: "data" })),
  ];
  const width = Math.max(1, ...all.map(({ cells }) => cells.length));
  return all.map((row) => ({ ...row, cells: Array.from({ length: width }, (_, at) => row.cells[at] ?? "") }));
}
