import assert from "node:assert/strict";
import test from "node:test";

import { countsOf, fieldsOf, mappingRows, misfit, missingFields, rowsOf, sheetRows, targetsByFit } from "../../src/progress_gateway/static/model/columns.js";
import { AUTO, choicesOfJob, choicesOfParams } from "../../src/progress_gateway/static/model/plan_choices.js";
import { isWorthAgain, problemHere, problemOfAnswer } from "../../src/progress_gateway/static/model/refusals.js";
import { refusalText } from "../../src/progress_gateway/static/words/refusal_text.js";

const column = (index, header, more = {}) => ({
  index, letter: "ABCDE"[index], header, mappingKey: header || null, samples: [], detectedType: "text",
  field: null, suggested: null, confidence: 0, via: "none", ...more,
});
const TARGET = {
  name: "orders", mode: "insert",
  definition: {
    kind: "typed",
    columns: [
      { name: "id", type: "bigint", required: true }, { name: "qty", type: "integer", required: true },
      { name: "state", type: "text", required: true, default: "new" }, { name: "note", type: "text" },
    ],
  },
};
const planOf = (headers, mapping = AUTO, more = {}) => ({
  choices: { mapping },
  preview: { headers, target: "orders", headerLine: 2, rowsAbove: [], rows: [], estimatedRows: 0, suggestedMapping: { mappingName: null }, targets: [], ...more },
});
const HEADERS = [
  column(0, "Id", { field: "id", suggested: "id", confidence: 1, via: "name" }),
  column(1, "Quantty", { suggested: "qty", confidence: 0.7, via: "close" }),
  column(2, ""),
];

test("every column stands in the table, and what may be meant is offered", () => {
  const rows = mappingRows(planOf(HEADERS));
  assert.deepEqual(rows.map(({ field, hint, how, canChange }) => [field, hint, how, canChange]), [
    ["id", null, "name", true], [null, "qty", "none", true], [null, null, "none", false],
  ]);
  assert.deepEqual(countsOf(rows), { fed: 1, ignored: 2 });
});

test("a choice shows at once, before the server has answered", () => {
  const plan = planOf(HEADERS, { kind: "own", columns: { Quantty: "qty", Id: null } });
  assert.deepEqual(mappingRows(plan).map(({ field, how }) => [field, how]).slice(0, 2), [[null, "chosen"], ["qty", "chosen"]]);
  assert.deepEqual(missingFields(plan, TARGET), ["id"]);
  assert.deepEqual(missingFields(planOf(HEADERS), TARGET), ["qty"], "what has a default is not missing");
  assert.deepEqual(missingFields(planOf(HEADERS), null), []);
});

test("a value that is sure to fail in its field is found before anything is imported", () => {
  const texts = (...samples) => ({ samples, detectedType: "text" });
  const fields = fieldsOf({ definition: { kind: "typed", columns: [
    { name: "qty", type: "numeric(12,2)" }, { name: "day", type: "date" }, { name: "due", type: "date", formats: ["DD.MM.YYYY"] },
    { name: "done", type: "boolean" }, { name: "note", type: "text" },
  ] } });
  const [qty, day, due, done, note] = fields;
  assert.equal(misfit(texts("12", "a dozen"), qty), "a dozen");
  assert.equal(misfit(texts("007", "1e5", "1.000,5"), qty), null, "what reads them is the server's to say");
  for (const field of [qty, day]) assert.equal(misfit(texts(" ", "\u00a0"), field), null, "blanks are no value");
  assert.equal(misfit(texts("2026-11-25", "25.11.2026"), day), "25.11.2026");
  assert.equal(misfit(texts("2026-11-25 10:00"), day), null);
  assert.equal(misfit(texts("25.11.2026"), due), null, "the target says how days are written");
  for (const field of [done, note, undefined]) assert.equal(misfit(texts("yes", "x"), field), null);
});

test("a field that another column feeds is no hint", () => {
  const taken = planOf(HEADERS, { kind: "own", columns: { Id: "qty" } });
  assert.equal(mappingRows(taken)[1].hint, null);
});

test("how a field was found is told: by a saved mapping, or by the choice here", () => {
  const by = (mapping, name = null) => {
    const headers = [column(0, "Nr", { field: "id", suggested: "id", confidence: 1, via: "mapping" })];
    return mappingRows(planOf(headers, mapping, { suggestedMapping: { mappingName: name } }))[0].how;
  };
  assert.deepEqual([by(AUTO, "monthly"), by({ kind: "saved", name: "m" }), by({ kind: "own", columns: { Nr: "id" } })], ["saved", "saved", "chosen"]);
});

test("targets stand by how well they fit", () => {
  const plan = planOf(HEADERS, AUTO, { targets: [{ name: "stock", score: 0.3 }, { name: "orders", score: 0.9 }] });
  const names = targetsByFit(plan, [{ name: "stock" }, { name: "records" }, { name: "orders" }]);
  assert.deepEqual(names.map(({ name }) => name), ["orders", "stock", "records"]);
  assert.deepEqual(fieldsOf({ name: "records", definition: { kind: "records" } }), []);
});

test("few rows are counted, many are about so many", () => {
  const rows = [{ line: 3, cells: ["1"] }];
  assert.deepEqual(rowsOf(planOf(HEADERS, AUTO, { rows, estimatedRows: 1 })), { count: 1, isExact: true });
  assert.equal(rowsOf(planOf(HEADERS, AUTO, { rows, estimatedRows: 5000 })).isExact, false);
});

test("the first rows stand in their order, as wide as the widest", () => {
  const rows = sheetRows(planOf(HEADERS, AUTO, { rowsAbove: [{ line: 1, cells: ["Title"] }], rows: [{ line: 3, cells: ["1", null, "x", "y"] }] }));
  assert.deepEqual(rows.map(({ line, kind, cells }) => [line, kind, cells.length]), [[1, "above", 4], [2, "header", 4], [3, "data", 4]]);
  assert.deepEqual(rows[2].cells, ["1", "", "x", "y"]);
});

test("an earlier job and an address become choices, and what is unknown is nothing", () => {
  const job = {
    target: "orders", sheet: "", mode: "upsert", maxErrorPercent: 2.5, mappingName: null,
    dialect: { encoding: "utf-8", delimiter: "semicolon", decimal: "," },
    plan: { headerLine: 3, columns: { Nr: "id" } },
  };
  assert.deepEqual(choicesOfJob(job), {
    target: "orders", sheet: null, headerLine: 3, encoding: "utf-8", delimiter: "semicolon", decimal: "comma",
    mapping: { kind: "own", columns: { Nr: "id" } }, mode: "upsert", maxErrorPercent: "2.5",
  });
  assert.deepEqual(choicesOfJob({ ...job, dialect: null, plan: null, mappingName: "m", maxErrorPercent: null }).mapping, { kind: "saved", name: "m" });
  assert.deepEqual(choicesOfParams({ target: "orders", mode: "replace" }), { target: "orders" });
  assert.deepEqual(choicesOfParams({}), {});
});

test("a refusal says what to do, and the server's own sentence where it names a place", () => {
  const answer = (code, status = 422, body = {}, retryAfterS = null) =>
    refusalText(problemOfAnswer({ status, code, message: "The server's sentence.", body: { code, ...body }, retryAfterS }));
  assert.match(answer("ENCRYPTED", 415).text, /password/);
  assert.equal(answer("ENCRYPTED", 415).detail, null);
  assert.match(answer("XML_DTD_FORBIDDEN").text, /damaged/);
  assert.equal(answer("XML_DTD_FORBIDDEN").detail, "The server's sentence.");
  assert.match(answer("ZIP_TRUNCATED").text, /too early/);
  assert.match(answer("TOO_MANY_JOBS", 429, { maxUnfinishedJobs: 5 }).text, /5 imports/);
  assert.match(answer("TOO_MANY_UPLOADS", 429, {}, 90).text, /1 min/);
  assert.deepEqual(answer("HEADER_INVALID", 422, { faults: ["B"] }).faults, ["B"]);
  assert.equal(answer("NEVER_HEARD").text, "The server's sentence.");
  assert.match(refusalText(problemHere("UNREACHABLE")).text, /connection/);
  assert.match(answer(null, 500).text, /went wrong/);
});

test("only what is no fault of file or choices is worth another try", () => {
  assert.equal(isWorthAgain({ code: "TOO_MANY_JOBS" }), true);
  assert.equal(isWorthAgain({ code: "UNREACHABLE" }), true);
  assert.equal(isWorthAgain({ code: "ENCRYPTED" }), false);
});
