import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const TOKENS = readFileSync(
  new URL("../../src/progress_gateway/static/css/tokens.css", import.meta.url), "utf8",
);
const THEMES = ["light", "dark"];
/** Each colour and the grounds that its text stands on: 4.5:1. */
const TEXT = {
  ink: ["ground", "surface", "sunken", "tint", "good-tint", "warn-tint", "bad-tint"],
  quiet: ["ground", "surface", "sunken", "tint", "good-tint", "warn-tint", "bad-tint"],
  accent: ["ground", "surface", "tint"],
  "accent-strong": ["ground", "surface", "tint"],
  "on-accent": ["accent", "accent-strong"],
  good: ["surface", "ground", "good-tint"],
  warn: ["surface", "ground", "warn-tint"],
  bad: ["surface", "ground", "bad-tint"],
};
/** What is no text but has to be seen: borders of fields, focus, bars, marks: 3:1. */
const SEEN = {
  accent: ["ground", "surface", "sunken"],
  quiet: ["ground", "surface", "sunken"],
  good: ["surface", "sunken"],
  "warn-fill": ["surface", "sunken"],
  "bad-fill": ["surface", "sunken"],
  edge: ["ground", "surface", "tint"],
};

const colours = Object.fromEntries(
  [...TOKENS.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)]
    .map(([, name, light, dark]) => [name, { light, dark }]),
);

function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** Return the pairs that do not hold: "light quiet on sunken: 4.31". */
function tooClose(pairs, least) {
  return THEMES.flatMap((theme) => Object.entries(pairs).flatMap(([name, grounds]) => grounds.map((ground) => {
    assert.ok(colours[name] && colours[ground], `${name} on ${ground}: no such colours`);
    const found = contrast(colours[name][theme], colours[ground][theme]);
    return found < least ? `${theme} ${name} on ${ground}: ${found.toFixed(2)}` : null;
  }))).filter(Boolean);
}

test("contrast is what WCAG says it is", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

test("text can be read in both themes", () => assert.deepEqual(tooClose(TEXT, 4.5), []));

test("what is no text can be seen in both themes", () => assert.deepEqual(tooClose(SEEN, 3), []));
