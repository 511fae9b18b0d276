/** English, whole. */

import audit from "./audit.js";
import dialog from "./dialog.js";
import errors from "./errors.js";
import finish from "./finish.js";
import letters from "./letters.js";
import lists from "./lists.js";
import newImport from "./new_import.js";
import ops from "./ops.js";
import problems from "./problems.js";
import refusals from "./refusals.js";
import run from "./run.js";
import share from "./share.js";
import shared from "./shared.js";

export default {
  ...audit,
  ...dialog,
  ...errors,
  ...finish,
  ...letters,
  ...lists,
  ...newImport,
  ...ops,
  ...problems,
  ...refusals,
  ...run,
  ...share,
  ...shared,
};
