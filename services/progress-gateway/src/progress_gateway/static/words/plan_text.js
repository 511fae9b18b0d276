/** Sentences on what a preview shows. */

import { missingFields, rowsOf, targetOf } from "../model/columns.js";
import { formatAbout } from "../model/format.js";
import { locale, t } from "./messages.js";

/** Return about how many rows of a preview there are, as people say it. */
export function rowsText(plan) {
  const { count, isExact } = rowsOf(plan);
  return isExact ? t("plan.exactly", { count }) : t("plan.about", { rows: formatAbout(count, locale()) });
}

/** Return what is said to who cannot see that a preview has come. */
export function readyText({ plan, offer }) {
  const { fileName: name, target } = plan.preview;
  const missing = missingFields(plan, targetOf(plan, offer?.targets)).length;
  return t("plan.ready", { name, rows: rowsText(plan), target, missing, count: missing });
}
