/** The rows that stayed when an import was undone, with the reason, page by page on demand. */

import { undoRows } from "../outside/errors_api.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const COLUMNS = ["undo.row", "undo.key", "undo.why"];
/** So many rows are on the page at once: the list is for looking, not for reading all of it. */
const MOST_ROWS = 500;

/** Return `{node, update(stayed)}`. */
export function undoneRows(jobId, isHandled = () => false) {
  const body = el("tbody");
  const cells = COLUMNS.map((key) => el("th", { scope: "col", text: t(key) }));
  const table = el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...cells)), body);
  const scroll = el(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": t("undo.title"), hidden: true },
    table,
  );
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const more = el("button", { class: "button small", type: "button", text: t("undo.show") });
  const node = el("div", { class: "undone-rows", hidden: true }, scroll, fault, more);
  let next = null;
  more.addEventListener("click", async () => {
    if (more.getAttribute("aria-disabled")) return;
    setAttribute(more, "aria-disabled", "true"); // and not disabled: the focus stays where it is
    try {
      const page = await undoRows(jobId, next);
      body.append(...page.rows.map(row));
      next = page.nextCursor;
      setShown(scroll, true);
      setShown(fault, false);
      setText(more, t("undo.more"));
      setShown(more, next !== null && body.children.length < MOST_ROWS);
    } catch (error) {
      isHandled(error);
      setText(fault, textOfError(error));
      setShown(fault, true);
    } finally {
      setAttribute(more, "aria-disabled", null);
    }
  });
  return {
    node,
    update: (stayed) => setShown(node, stayed > 0),
  };
}

function row({ line, outcome, reason, key }) {
  const kept = outcome === "kept" ? "undo.whyKept" : "undo.whyRefused";
  const shown = key ? Object.entries(key).map(([name, value]) => `${name} ${value}`).join(", ") : "–";
  return el(
    "tr",
    {},
    el("th", { scope: "row", class: "line", text: String(line) }),
    el("td", { class: "value", text: shown }),
    el("td", { class: "reason" }, el("strong", { text: t(kept) }), reason ? el("span", { lang: "en", text: reason }) : null),
  );
}
