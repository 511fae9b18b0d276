/** What is said of an error: its cause and its place. Pure. */

import { t, textOr } from "./messages.js";

/** Return a cause in words; one that this page does not know is shown as its code. */
export function causeText(code) {
  return textOr(`code.${code}`, code);
}

/** Return the column as a person finds it: its letter, and the header above it. */
export function placeText({ column, header, field }) {
  return [column, header ?? field].filter(Boolean).join(" · ") || t("errors.wholeRow");
}
