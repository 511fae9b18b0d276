import assert from "node:assert/strict";
import test from "node:test";

import en from "../../src/progress_gateway/static/words/en/index.js";
import vi from "../../src/progress_gateway/static/words/vi/index.js";
import { ApiProblem } from "../../src/progress_gateway/static/outside/api.js";
import { noticeText } from "../../src/progress_gateway/static/words/notice.js";
import { progressText } from "../../src/progress_gateway/static/words/run_text.js";
import { textOfError } from "../../src/progress_gateway/static/words/problem_text.js";
import {
  bestLanguage, languages, locale, spoken, statusText, t, textOr, useLanguage,
} from "../../src/progress_gateway/static/words/messages.js";

const PLURALS = /\.(zero|one|two|few|many)$/;
const LANGUAGES = { en, vi };
const paramsOf = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
/** What reads the same in both, because it is no English: names of formats and the like. */
const SAME = new Set(["upload.limitUnknown", "file.xlsx", "file.csv", "file.label", "why.detail"]);

test("every text is there in every language, with the same names to fill", () => {
  const bases = (texts) => Object.keys(texts).filter((key) => !PLURALS.test(key)).sort();
  assert.deepEqual(bases(vi), bases(en));
  for (const key of bases(en)) assert.deepEqual(paramsOf(vi[key]), paramsOf(en[key]), key);
});

test("a plural is one that its language has", () => {
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions();
    for (const key of Object.keys(texts).filter((name) => PLURALS.test(name))) {
      const [, category] = PLURALS.exec(key);
      assert.ok(pluralCategories.includes(category), `${code} has no "${category}": ${key}`);
      const base = key.slice(0, -category.length - 1);
      assert.ok(base in texts, key);
      const extra = paramsOf(texts[key]).filter((name) => !paramsOf(texts[base]).includes(name));
      assert.deepEqual(extra, [], key);
    }
  }
});

test("no text was left in English", () => {
  const left = Object.keys(vi).filter((key) => vi[key] === en[key] && !SAME.has(key));
  assert.deepEqual(left, []);
});

test("no text is empty, ends in a space, or has straight quotes where people read them", () => {
  for (const [code, texts] of Object.entries(LANGUAGES)) {
    for (const [key, text] of Object.entries(texts)) {
      assert.ok(text && text === text.trim() && !text.includes('"'), `${code} ${key}`);
      assert.equal(text, text.normalize("NFC"), `${code} ${key}: one code point for each letter`);
    }
  }
});

test("a reader's first language that there is, is chosen", () => {
  assert.equal(bestLanguage(["fr-FR", "vi-VN", "en"]), "vi");
  assert.equal(bestLanguage(["EN-gb", "vi"]), "en");
  assert.equal(bestLanguage(["de", "constructor"]), "en");
  assert.equal(bestLanguage([]), "en");
  assert.deepEqual(languages().map(({ code }) => code), ["en", "vi"]);
});

test("texts, plurals and numbers follow the language, and nothing falls back", () => {
  assert.equal(t("run.wasUndone", { count: 1 }), "The import was undone: one row is taken back.");
  assert.equal(t("run.allGood", { count: 12345 }), "All 12,345 rows are in.");
  useLanguage("vi");
  assert.equal(locale(), "vi");
  assert.equal(t("run.allGood", { count: 12345 }), "Đã nhập đủ 12.345 dòng.");
  assert.equal(t("run.allGood", { count: 1 }), "Đã nhập đủ 1 dòng.");
  assert.equal(statusText("paused"), "Đã tạm dừng");
  useLanguage("en");
  assert.throws(() => t("run.noSuch"), /no text for run.noSuch/);
  assert.throws(() => useLanguage("xx"), /no language xx/);
});

test("numbers and dates are written as in the reader's region of the language", () => {
  const after = (code, wanted) => {
    useLanguage(code, wanted);
    return locale();
  };
  assert.equal(after("en", ["en", "de-DE", "en-GB", "en-US"]), "en-GB");
  assert.equal(spoken(), "en");
  assert.equal(after("vi", ["en-GB", "vi-VN"]), "vi-VN");
  assert.equal(after("en", ["de-DE", "en_US", "en-"]), "en", "nonsense is no region");
  useLanguage("en", ["en-IN"]);
  assert.equal(t("run.allGood", { count: 1_234_567 }), "All 12,34,567 rows are in.");
  useLanguage("en");
});

test("one row is told as one row", () => {
  const told = (status, data) => noticeText({ status, data: { totalRows: 5, ...data } });
  assert.equal(told("completed_with_errors", { successRows: 1, failedRows: 4 }), "1 row is in, 4 rejected.");
  assert.equal(
    told("completed_with_errors", { successRows: 4, failedRows: 1, healedRows: 1 }),
    "4 rows are in, 1 rejected. 1 of the rows was corrected since.",
  );
  assert.equal(told("completed_with_errors", { totalRows: 1, failedRows: 1 }), "The one row could not be imported.");
  assert.equal(told("failed", { successRows: 1 }), "The import stopped. 1 row that was written stays.");
  assert.equal(
    told("undone", { undo: { reversed: 1, kept: 1, refused: 1 } }),
    "The import was undone: one row is taken back. 1 stays, because it was changed since. " +
      "1 stays, because other tables need it.",
  );
  const running = { snapshot: { status: "processing", data: { percentage: 50, failedRows: 1 } } };
  assert.equal(progressText(running), "50.0% done, 1 row failed");
});

test("nothing written is told in words, and an estimate as one", () => {
  const told = (status, data) => noticeText({ status, data: { totalRows: 5, ...data } });
  assert.equal(told("failed", { successRows: 0 }), "The import stopped. Nothing was written.");
  assert.equal(
    told("cancelled", { unprocessedRows: 156_128, totalIsEstimate: true }),
    "The import was cancelled. Nothing was written, about 156,000 rows were not processed.",
  );
  assert.equal(
    told("cancelled", { successRows: 2, unprocessedRows: 156_128 }),
    "The import was cancelled. 2 rows that were written stay, 156,128 were not processed.",
  );
});

test("a name from the server that the page does not know is shown as it is", () => {
  assert.equal(textOr("status.paused", "?"), "Paused");
  assert.equal(statusText("hibernating"), "hibernating");
});

test("a refusal is told in the language of the page, and the server's sentence has the details", () => {
  const refused = new ApiProblem(413, { code: "FILE_TOO_LARGE", detail: "At most 512 MiB." });
  assert.equal(textOfError(refused), "The file is too large. At most 512 MiB.");
  assert.equal(textOfError(new ApiProblem(400, { code: "BRAND_NEW", detail: "No." })), "No.");
  useLanguage("vi");
  assert.equal(textOfError(refused), "Tệp quá lớn. At most 512 MiB.");
  const failed = { status: "failed", data: { failure: { code: "TOO_MANY_ERRORS", message: "12 of 20." }, successRows: 1200 } };
  assert.equal(
    noticeText(failed),
    "Số dòng lỗi vượt mức cho phép. 12 of 20. Lượt nhập đã dừng. 1.200 dòng đã ghi được giữ lại.",
  );
  const waits = { status: "retrying", data: { waitingFor: "kafka", reason: "Kafka is away." } };
  assert.equal(noticeText(waits), "Hệ thống truyền tin tạm thời không hoạt động. Lượt nhập sẽ tự chạy tiếp.");
  useLanguage("en");
});
