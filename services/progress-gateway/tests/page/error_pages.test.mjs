import assert from "node:assert/strict";
import test from "node:test";

import {
  ANY, choicesOf, cursorOf, firstPage, isSame, pageBefore, pageBehind, rangeOf, withAnswer,
} from "../../src/progress_gateway/static/model/error_pages.js";
import { nameIn } from "../../src/progress_gateway/static/outside/save_file.js";
import { causeText, placeText } from "../../src/progress_gateway/static/words/error_text.js";

const first = withAnswer(firstPage(), { nextCursor: "b", totalErrors: 120, storedErrors: 110, truncated: true });

test("pages are gone through by the server's cursors, forth and back", () => {
  assert.equal(cursorOf(firstPage()), null);
  const second = pageBehind(first);
  assert.equal(cursorOf(second), "b");
  const third = pageBehind(withAnswer(second, { nextCursor: "c", totalErrors: null }));
  assert.equal(cursorOf(third), "c");
  assert.equal(cursorOf(pageBefore(third)), "b");
  assert.equal(cursorOf(pageBefore(pageBefore(third))), null);
});

test("there is nothing before the first page and nothing behind the last", () => {
  const last = withAnswer(firstPage(), { nextCursor: null, totalErrors: 3, storedErrors: 3, truncated: false });
  assert.equal(pageBefore(last), last);
  assert.equal(pageBehind(last), last);
});

test("the counts of the first page stand on the others", () => {
  const second = withAnswer(pageBehind(first), { nextCursor: null, totalErrors: null, storedErrors: null });
  assert.deepEqual([second.total, second.stored, second.truncated], [120, 110, true]);
  assert.deepEqual(rangeOf(second, 20), { first: 21, last: 40, count: 110 });
  assert.deepEqual(rangeOf(firstPage(), 0), { first: 0, last: 0, count: 0 });
});

test("a filter is by column, by cause, or both; the row as a whole is a column of its own", () => {
  assert.ok(isSame(ANY, firstPage().filter));
  assert.ok(!isSame(ANY, { column: "", code: null }));
  const kinds = [
    { column: "AA", header: "Note", field: "note", code: "TOO_LONG" },
    { column: "C", header: null, field: "email", code: "PATTERN" },
    { column: null, header: null, field: null, code: "ROW_TOO_LARGE" },
    { column: "C", header: null, field: "email", code: "REQUIRED" },
  ];
  assert.deepEqual(choicesOf(kinds), {
    columns: [{ letter: "", header: null }, { letter: "C", header: "email" }, { letter: "AA", header: "Note" }],
    codes: ["PATTERN", "REQUIRED", "ROW_TOO_LARGE", "TOO_LONG"],
  });
});

test("a cause is told in words, one that is not known as its code", () => {
  assert.equal(causeText("REQUIRED"), "The cell is empty");
  assert.equal(causeText("BRAND_NEW"), "BRAND_NEW");
  assert.equal(placeText({ column: "C", header: "E-mail", field: "email" }), "C · E-mail");
  assert.equal(placeText({ column: "C", header: null, field: "email" }), "C · email");
  assert.equal(placeText({ column: null, header: null, field: null }), "the row as a whole");
});

test("a downloaded file has the name that the server gives it, in any script", () => {
  const both = "attachment; filename=\"_.xlsx\"; filename*=UTF-8''%C4%91%C6%A1n%20h%C3%A0ng.xlsx";
  assert.equal(nameIn(both), "đơn hàng.xlsx");
  assert.equal(nameIn('attachment; filename="orders.csv"'), "orders.csv");
  assert.equal(nameIn(null), null);
});
