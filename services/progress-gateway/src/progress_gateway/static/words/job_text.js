/** What is said of a job besides its numbers. Pure. */

import { t } from "./messages.js";

/** Return where the rows go, and of a text file how it is read. */
export function intoText({ target, dialect }) {
  if (!dialect) return t("run.into", { target });
  const { encoding, encodingIsGuess, delimiter, decimal } = dialect;
  const params = { target, encoding, delimiter, mark: decimal === "," ? "comma" : "point" };
  return t(encodingIsGuess ? "run.readAsGuess" : "run.readAs", params);
}
