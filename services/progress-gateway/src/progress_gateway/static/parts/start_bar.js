/** The one button that matters, always in sight; beside it the quiet one that writes nothing. */

import { missingFields, rowsOf, targetOf } from "../model/columns.js";
import { formatAbout } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const NAMED = 3;

/** Return `{node, update(plan, offer)}`; `start({dryRun})` hears. */
export function startBar(start) {
  const primary = el("button", { class: "button primary", type: "button", "data-part": "start" });
  const dry = el("button", { class: "button", type: "button", text: t("start.dryRun") });
  const why = el("span", { class: "quiet", id: "start-why", role: "status" });
  for (const button of [primary, dry]) setAttribute(button, "aria-describedby", "start-why");
  primary.addEventListener("click", () => primary.getAttribute("aria-disabled") === "true" || start({ dryRun: false }));
  dry.addEventListener("click", () => dry.getAttribute("aria-disabled") === "true" || start({ dryRun: true }));
  const node = el("div", { class: "start-bar", hidden: true }, why, el("div", { class: "controls" }, dry, primary));
  return {
    node,
    update(plan, offer) {
      setShown(node, plan.preview !== null && (plan.name === "Ready" || plan.name === "Looking"));
      if (node.hidden) return;
      const missing = missingFields(plan, targetOf(plan, offer?.targets));
      const isFaulty = plan.name === "Ready" && plan.preview.faults.length > 0;
      setText(primary, importText(plan));
      setText(why, whyText(plan, missing, isFaulty));
      // What is disabled cannot be asked why: these stay in reach
      for (const button of [primary, dry]) setAttribute(button, "aria-disabled", missing.length > 0 || isFaulty);
    },
  };
}

function importText(plan) {
  const { count, isExact } = rowsOf(plan);
  return isExact ? t("start.import", { count }) : t("start.about", { rows: formatAbout(count, locale()) });
}

function whyText(plan, missing, isFaulty) {
  if (missing.length) return missingText(missing);
  if (isFaulty) return t("start.faults");
  if (plan.start !== null) return t("start.waiting");
  if (plan.name === "Looking") return t("plan.updating");
  return rowsOf(plan).count === 0 ? t("plan.noRows") : "";
}

/** A long list would take the screen of a phone; all of them are named above the columns. */
function missingText(missing) {
  if (missing.length <= NAMED) return t("start.missing", { names: missing.join(", ") });
  const names = missing.slice(0, NAMED - 1).join(", ");
  return t("start.missingMore", { names, count: missing.length - NAMED + 1 });
}
