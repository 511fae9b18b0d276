/** Every text of the page, by language. A key with `.one` beside it is used for a count of 1. */

import en from "./en/index.js";

const LANGUAGES = { en };
let language = "en";

/** Return the language that numbers and dates follow too. */
export function locale() {
  return language;
}

/** Return a text with its `{names}` filled; a key that is missing is a bug. */
export function t(key, params = {}) {
  const texts = LANGUAGES[language];
  const chosen = params.count === "1" && texts[`${key}.one`] ? `${key}.one` : key;
  const text = texts[chosen];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name]));
}

/** Return the text of a status; one that this page does not know is shown as it is. */
export function statusText(status) {
  return LANGUAGES[language][`status.${status}`] ?? status;
}
