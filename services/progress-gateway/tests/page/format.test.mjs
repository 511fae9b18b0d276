import assert from "node:assert/strict";
import test from "node:test";

import { chartPaths } from "../../src/progress_gateway/static/parts/chart.js";
import { faultOfFile } from "../../src/progress_gateway/static/model/file_checks.js";
import {
  formatAbout, formatBytes, formatClock, formatCount, formatDuration, formatMoment, formatPercent,
  formatRemaining,
} from "../../src/progress_gateway/static/model/format.js";
import { intoText } from "../../src/progress_gateway/static/words/job_text.js";

const table = (format, rows) => {
  for (const [value, text] of rows) assert.equal(format(value, "en"), text, `${value}`);
};

test("counts have separators and a dash when unknown", () =>
  table(formatCount, [[1234567, "1,234,567"], [0, "0"], [null, "–"], [NaN, "–"], [Infinity, "–"]]));

test("an estimate shows three digits that mean something", () =>
  table(formatAbout, [[1001480, "1,000,000"], [48213, "48,200"], [87, "87"], [0, "0"], [null, "–"]]));

test("sizes have three significant digits", () =>
  table(formatBytes, [
    [0, "0 B"], [999, "999 B"], [1000, "0.98 KB"], [4996, "4.88 KB"], [14.2 * 2 ** 20, "14.2 MB"],
    [512 * 2 ** 20, "512 MB"], [4 * 2 ** 30, "4 GB"], [undefined, "–"],
  ]));

test("a share is cut, never rounded up to the end", () =>
  table(formatPercent, [
    [0, "0%"], [48.27, "48.2%"], [99.99, "99.9%"], [100, "100%"], [120, "100%"], [-1, "0%"],
    [null, "–"], [0.3, "0.3%"],
  ]));

test("durations fit their size", () =>
  table(formatDuration, [
    [0, "0.0 sec"], [4.21, "4.2 sec"], [9.96, "10 sec"], [59.6, "1 min 00 sec"],
    [187, "3 min 07 sec"], [7500, "2 hr 05 min"], [null, "–"], [-1, "–"],
  ]));

test("time left is in whole seconds", () =>
  table(formatRemaining, [[0, "1 sec"], [4.2, "5 sec"], [42, "42 sec"], [null, "–"]]));

test("a clock has seconds and a moment of another day its date", () => {
  const noon = new Date(2026, 4, 12, 12, 3, 7).getTime();
  assert.equal(formatClock(noon, "en"), "12:03:07");
  assert.equal(formatClock(null, "en"), "–");
  const iso = new Date(noon).toISOString();
  assert.doesNotMatch(formatMoment(iso, noon, "en"), /2026/);
  assert.match(formatMoment(iso, noon + 86_400_000, "en"), /2026/);
  assert.equal(formatMoment(null, noon, "en"), "–");
});

test("Vietnamese writes numbers and times its own way", () => {
  assert.equal(formatCount(1234567, "vi"), "1.234.567");
  assert.equal(formatPercent(48.27, "vi"), "48,2%");
  assert.equal(formatBytes(14.2 * 2 ** 20, "vi"), "14,2 MB");
  assert.equal(formatDuration(187, "vi"), "3 phút 07 giây");
  assert.equal(formatRemaining(4.2, "vi"), "5 giây");
  const noon = new Date(2026, 4, 12, 12, 3, 7);
  assert.match(formatMoment(noon.toISOString(), noon.getTime() + 86_400_000, "vi"), /12 thg 5, 2026/);
  assert.throws(() => formatCount(7), /needs its language/, "none is taken for granted");
});

test("a chart spans its width and stands on its ground", () => {
  const paths = chartPaths([{ atMs: 0, rowsPerSecond: 0 }, { atMs: 50, rowsPerSecond: 10 }, { atMs: 100, rowsPerSecond: 5 }]);
  assert.equal(paths.line, "M0.0 64.0L160.0 4.0L320.0 34.0");
  assert.ok(paths.area.endsWith("L320 64L0 64Z"));
  assert.equal(chartPaths([]).line, "");
});

test("files that cannot be imported are told before they are sent", () => {
  const zip = [0x50, 0x4b, 3, 4];
  const limits = { maxUploadBytes: 10, maxTextUploadBytes: 20 };
  const fault = (name, sizeBytes, head, known = null) => faultOfFile({ name, sizeBytes }, head, known)?.key ?? null;
  assert.equal(fault("A.XLSX", 10, zip), null);
  assert.equal(fault("a.csv", 10, zip), null);
  assert.equal(fault("A.TSV", 10, [0x61, 0x62]), null);
  assert.equal(fault("a.csv", 11, [0x61, 0x62], limits), null);
  assert.equal(fault("a.csv", 11, zip, limits), "file.tooLarge");
  assert.equal(fault("a.csv", 21, [0x61, 0x62], limits), "file.tooLarge");
  assert.equal(fault("a.csv", 10, [0xd0, 0xcf, 0x11, 0xe0]), "file.legacy");
  assert.equal(fault("A.XLS", 10, [0xd0, 0xcf, 0x11, 0xe0]), "file.legacy");
  assert.equal(fault("a.xls", 10, [0x61, 0x62]), "file.wrongExtension");
  assert.equal(fault("a.docx", 10, zip), "file.wrongExtension");
  assert.equal(fault("a.xlsx", 0, []), "file.empty");
  assert.equal(fault("a.xlsx", 11, zip, limits), "file.tooLarge");
  assert.equal(fault("a.xlsx", 10, zip, limits), null);
  assert.equal(fault("a.xlsx", 10, [0xd0, 0xcf, 0x11, 0xe0]), "file.legacy");
  assert.equal(fault("a.xlsx", 10, [0x61, 0x62]), "file.notWorkbook");
  assert.equal(fault("a.xlsx", 1, [0x50]), "file.notWorkbook");
});

test("of a text file is told how it is read, and whether that is a guess", () => {
  assert.equal(intoText({ target: "orders", dialect: null }), "into orders");
  const dialect = { encoding: "windows-1252", encodingIsGuess: true, delimiter: "semicolon", decimal: "," };
  assert.equal(
    intoText({ target: "orders", dialect }),
    "into orders, read as windows-1252 (a guess) with one semicolon between cells and decimal comma",
  );
  assert.equal(
    intoText({ target: "orders", dialect: { ...dialect, encodingIsGuess: false, decimal: "." } }),
    "into orders, read as windows-1252 with one semicolon between cells and decimal point",
  );
});
