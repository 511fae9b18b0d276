/** English, whole. */

import dialog from "./dialog.js";
import errors from "./errors.js";
import finish from "./finish.js";
import lists from "./lists.js";
import newImport from "./new_import.js";
import problems from "./problems.js";
import refusals from "./refusals.js";
import run from "./run.js";
import share from "./share.js";
import shared from "./shared.js";

export default {
  ...dialog, ...errors, ...finish, ...lists, ...newImport, ...problems, ...refusals,
  ...run, ...share, ...shared,
};
