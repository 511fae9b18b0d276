/** What is chosen for an import, and the form's fields that say so. Pure. */

const MODES = new Set(["insert", "upsert", "skip_existing"]);
export const AUTO = Object.freeze({ kind: "auto" });

/** Nothing chosen: the server takes what fits best. */
export function firstChoices() {
  return {
    target: null, sheet: null, headerLine: null, encoding: null, delimiter: null, decimal: null,
    mapping: AUTO, mode: "", maxErrorPercent: "",
  };
}

/** A mapping that is saved under a name. */
export function savedMapping(name) {
  return { kind: "saved", name };
}

/** A mapping by what a column is called: `{name: field or null}`. */
export function ownMapping(columns) {
  return { kind: "own", columns };
}

/** Return the choices after some have changed: what depended on them is chosen anew. */
export function afterChange(choices, changes) {
  const next = { ...choices, ...changes };
  const isOtherTable = ["sheet", "encoding", "delimiter"].some((name) => name in changes);
  if (isOtherTable) next.headerLine = null;
  if (isOtherTable || "headerLine" in changes || "target" in changes) next.mapping = AUTO;
  return next;
}

/** Return the choices for a file chosen after another; how a table is read is of that file alone. */
export function carried({ choices, file: before }, file) {
  return before === null || before.name === file.name ? choices : forAnyFile(choices);
}

/** Return what of the choices may do for another file too. */
export function forAnyFile({ target, mapping, mode, maxErrorPercent }) {
  return { ...firstChoices(), target, mapping, mode, maxErrorPercent };
}

/** Return what each column of the preview feeds, by its index, as it is chosen now. */
export function fieldsByColumn({ preview, choices }) {
  const { mapping } = choices;
  return new Map(
    preview.headers.map(({ index, mappingKey, field }) => {
      const isSaid = mapping.kind === "own" && mappingKey !== null && mappingKey in mapping.columns;
      return [index, isSaid ? mapping.columns[mappingKey] : field];
    }),
  );
}

/**
 * Return the mapping with one column feeding another field; null when nothing can name the column.
 * Only what was changed is said: the others go on by their headers. A field of a table is fed
 * once: another column that fed it feeds nothing then.
 */
export function changedMapping(plan, index, field, isTyped) {
  const key = plan.preview.headers.find((header) => header.index === index)?.mappingKey ?? null;
  if (key === null) return null;
  const fields = fieldsByColumn(plan);
  const columns = { ...saidOf(plan), [key]: field };
  for (const header of plan.preview.headers) {
    const isOther = header.index !== index && header.mappingKey !== null;
    if (isTyped && isOther && field !== null && fields.get(header.index) === field) {
      columns[header.mappingKey] = null;
    }
  }
  return ownMapping(columns);
}

/** Return what the mapping says of columns so far; what is found by the headers it need not say. */
function saidOf(plan) {
  const { mapping } = plan.choices;
  if (mapping.kind === "own") return mapping.columns;
  const isSaved = mapping.kind === "saved" || plan.preview.suggestedMapping.mappingName !== null;
  return isSaved ? wholeMapping(plan).columns : {};
}

/** Return the mapping as it is saved: of every column that has a name, with all headers. */
export function wholeMapping(plan) {
  const fields = fieldsByColumn(plan);
  const named = plan.preview.headers.filter(({ mappingKey }) => mappingKey !== null);
  return {
    target: plan.preview.target,
    columns: Object.fromEntries(named.map((h) => [h.mappingKey, fields.get(h.index) ?? null])),
    headers: plan.preview.headers.map(({ header }) => header),
  };
}

/** Return the fields of the question for a preview; the file or the preview's id comes beside. */
export function previewFields({ choices, previewId, name }) {
  const { target, sheet, headerLine, encoding, delimiter, decimal } = choices;
  const isThere = name === "Looking" && previewId !== null;
  return {
    previewId: isThere ? previewId : null,
    keep: isThere ? null : "true",
    target, sheet, headerLine, encoding, delimiter, decimal,
    ...mappingFields(choices.mapping, null),
  };
}

/** Return the fields of the import: what was seen in the preview is what is asked for. */
export function importFields({ preview, choices }, { dryRun }) {
  const { mode, maxErrorPercent, encoding, delimiter, decimal } = choices;
  return {
    target: preview.target,
    sheet: preview.dialect === null ? preview.sheet : null,
    headerLine: preview.headerLine,
    encoding, delimiter, decimal, mode, maxErrorPercent,
    ...mappingFields(choices.mapping, preview.suggestedMapping.mappingName),
    dryRun: dryRun ? "true" : null,
  };
}

function mappingFields(mapping, found) {
  if (mapping.kind === "own") return { mapping: JSON.stringify({ columns: mapping.columns }) };
  const name = mapping.kind === "saved" ? mapping.name : found;
  return name === null ? {} : { mappingName: name };
}

/** Return the choices that an address brings: `target`, `mode`, and a saved `mapping` by name. */
export function choicesOfParams({ target, mode, mapping }) {
  const choices = {};
  if (target) choices.target = target;
  if (MODES.has(mode)) choices.mode = mode;
  if (mapping) choices.mapping = savedMapping(mapping);
  return choices;
}

/** Return an earlier job's choices, `recalled` of the machine, from its record. */
export function choicesOfJob(job) {
  const { target, sheet, dialect, mode, maxErrorPercent, mappingName, plan } = job;
  const columns = plan?.columns ?? {};
  const isNamed = Object.keys(columns).length > 0;
  return {
    target,
    sheet: sheet || null,
    headerLine: plan?.headerLine ?? null,
    encoding: dialect?.encoding ?? null,
    delimiter: dialect?.delimiter ?? null,
    decimal: dialect === null || dialect === undefined ? null : dialect.decimal === "," ? "comma" : "point",
    mapping: mappingName ? savedMapping(mappingName) : isNamed ? ownMapping(columns) : AUTO,
    mode: mode ?? "",
    maxErrorPercent: maxErrorPercent === null ? "" : String(maxErrorPercent),
  };
}
