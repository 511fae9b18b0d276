/** Which column of the sheet goes into which field: every column stands here, the ignored ones too. */

import { countsOf, fieldsOf, isTyped, mappingRows, missingFields, targetOf } from "../model/columns.js";
import { t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { mappingRow } from "./mapping_row.js";
import { savedMappings } from "./saved_mappings.js";

const SHOWN = 60;
const COLUMNS = ["map.column", "map.samples", "map.type", "map.field", "map.match"];

/** Return `{node, update(plan, offer)}`; `does`: `map(index, field, isTyped)`, `use(name, target)`, `save(name)`. */
export function mappingCard(does) {
  const badge = el("span", { class: "badge" });
  const counts = el("p", { class: "quiet" });
  const saved = savedMappings(does);
  // The roles are said, for a narrow page shows no table
  const body = el("tbody", { role: "rowgroup" });
  const heads = COLUMNS.map((key) => el("th", { scope: "col", role: "columnheader", text: t(key) }));
  const table = el(
    "table",
    { class: "list map", role: "table", "aria-labelledby": "map-title" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)),
    body,
  );
  const more = el("button", { class: "button small", type: "button", hidden: true });
  let rows = [];
  let shown = SHOWN;
  let last = null;
  const node = el(
    "section",
    { class: "card mapping", "data-part": "mapping", hidden: true },
    el("div", { class: "split" }, el("h2", { id: "map-title", text: t("map.title") }), badge),
    counts,
    saved.offered,
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "map-title" }, table),
    more,
    saved.saving,
  );
  more.addEventListener("click", () => {
    const from = shown;
    shown += 2 * SHOWN;
    fill(last);
    rows[from]?.focus();
  });

  function fill({ plan, target }) {
    const facts = mappingRows(plan);
    const fields = fieldsOf(target);
    const wanted = Math.min(shown, facts.length);
    // Rows are kept: a select that was just used keeps the focus
    while (rows.length > wanted) rows.pop().node.remove();
    while (rows.length < wanted) {
      rows.push(mappingRow((index, field) => does.map(index, field, isTyped(last.target))));
      body.append(rows.at(-1).node);
    }
    rows.forEach((row, at) => row.update(facts[at], fields));
    setShown(more, facts.length > wanted);
    setText(more, t("map.showMore", { count: Math.min(2 * SHOWN, facts.length - wanted) }));
    const { fed, ignored } = countsOf(facts);
    setText(counts, t("map.counts", { fed, ignored, all: facts.length }));
  }

  return {
    node,
    update(plan, offer) {
      setShown(node, plan.preview !== null && plan.preview.headers.length > 0);
      if (node.hidden) return;
      const target = targetOf(plan, offer?.targets);
      last = { plan, target };
      fill(last);
      const missing = missingFields(plan, target);
      setShown(badge, isTyped(target));
      setText(badge, missing.length ? t("map.missing", { count: missing.length }) : t("map.complete"));
      setAttribute(badge, "class", missing.length ? "badge bad" : "badge good");
      node.classList.toggle("asking", plan.name === "Looking");
      saved.update(plan);
    },
  };
}
