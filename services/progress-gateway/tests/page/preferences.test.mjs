import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";

import {
  chooseTheme, remember, remembered, theme, wantedLanguages,
} from "../../src/progress_gateway/static/outside/preferences.js";

const FIRST_PAINT = readFileSync(
  new URL("../../src/progress_gateway/static/outside/first_paint.js", import.meta.url), "utf8",
);
const forbidden = {
  getItem() { throw new DOMException("forbidden", "SecurityError"); },
  setItem() { throw new DOMException("full", "QuotaExceededError"); },
};

/** A browser with a storage, or with one that it forbids. */
function browser(localStorage, told = ["de", "vi"]) {
  const world = { document: { documentElement: { dataset: {} } }, localStorage, navigator: { languages: told } };
  for (const [name, value] of Object.entries(world)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  return world;
}

function storage() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

test("a chosen language goes before those that the browser tells", () => {
  browser(storage());
  assert.deepEqual(wantedLanguages(), ["de", "vi"]);
  remember("language", "en");
  assert.deepEqual(wantedLanguages(), ["en", "de", "vi"]);
});

test("a chosen theme is in force at once, and before the first paint of the next visit", () => {
  const kept = storage();
  browser(kept);
  assert.equal(theme(), "auto");
  chooseTheme("dark");
  assert.equal(theme(), "dark");
  const next = browser(kept);
  vm.runInNewContext(FIRST_PAINT, next);
  assert.equal(next.document.documentElement.dataset.theme, "dark");
});

test("a browser that forbids to remember anything still lets one choose", () => {
  const world = browser(forbidden);
  vm.runInNewContext(FIRST_PAINT, world);
  assert.equal(remembered("language"), null);
  chooseTheme("light");
  remember("language", "vi");
  assert.equal(theme(), "light");
  assert.deepEqual(wantedLanguages(), ["de", "vi"]);
});
