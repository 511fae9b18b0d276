/** What is said of a job besides its numbers. Pure. */

import { t, textOr } from "./messages.js";

/** Return where the rows go, and of a text file how it is read. */
export function intoText({ target, dialect }) {
  if (!dialect) return t("run.into", { target });
  const { encoding, encodingIsGuess, delimiter, decimal } = dialect;
  const mark = t(decimal === "," ? "mark.comma" : "mark.point");
  const params = { target, encoding, delimiter: textOr(`mark.${delimiter}`, delimiter), mark };
  return t(encodingIsGuess ? "run.readAsGuess" : "run.readAs", params);
}
