/**
 * Every text of the page, by language. `key.one` and the like are beside a key for what
 * `Intl.PluralRules` says of its `count`. A text that is missing is a bug, never another language.
 */

import { formatCount } from "../model/format.js";
import en from "./en/index.js";
import vi from "./vi/index.js";

const LANGUAGES = {
  en: { name: "English", texts: en },
  vi: { name: "Tiếng Việt", texts: vi },
};
let language = "en";
let region = "en";

/** Return the languages there are, `[{code, name}]`, each named as its speakers name it. */
export function languages() {
  return Object.entries(LANGUAGES).map(([code, { name }]) => ({ code, name }));
}

/** Return the first wanted language that there is: "vi-VN" finds "vi"; English when none is. */
export function bestLanguage(wanted) {
  const codes = wanted.map(languageOf);
  return codes.find((code) => Object.hasOwn(LANGUAGES, code)) ?? "en";
}

/**
 * Speak a language from now on; what is shown already is to be shown anew. Numbers and dates are written
 * as in the first `wanted` region of that language: 7:05 pm is 19:05 in "en-GB".
 */
export function useLanguage(code, wanted = []) {
  if (!Object.hasOwn(LANGUAGES, code)) throw new Error(`no language ${code}`);
  language = code;
  region = wanted.find((tag) => languageOf(tag) === code && isRegion(tag)) ?? code;
}

/** Return the code of the language that is spoken. */
export function spoken() {
  return language;
}

/** Return what numbers and dates follow. */
export function locale() {
  return region;
}

function languageOf(tag) {
  return String(tag).toLowerCase().split("-")[0];
}

/** Tell whether a browser's tag names more than a language; a remembered one may be nonsense. */
function isRegion(tag) {
  try {
    return new Intl.Locale(tag).region !== undefined;
  } catch {
    return false;
  }
}

/**
 * Return a text with its `{names}` filled: numbers as the language writes them, and `count`, a
 * number, chooses the plural.
 */
export function t(key, params = {}) {
  const text = LANGUAGES[language].texts[pluralOf(key, params.count)];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(params[name]));
}

/** Return the text of a name that comes from the server, such as a code; else `otherwise`. */
export function textOr(key, otherwise) {
  return LANGUAGES[language].texts[key] ?? otherwise;
}

/** Return the text of a status; one that this page does not know is shown as it is. */
export function statusText(status) {
  return textOr(`status.${status}`, status);
}

function pluralOf(key, count) {
  if (typeof count !== "number") return key;
  const plural = `${key}.${new Intl.PluralRules(language).select(count)}`;
  return Object.hasOwn(LANGUAGES[language].texts, plural) ? plural : key;
}

function shown(value) {
  return typeof value === "number" ? formatCount(value, locale()) : String(value ?? "–");
}
