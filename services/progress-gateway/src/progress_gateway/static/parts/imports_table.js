/** The table of imports: rows are kept by their job, moved and changed in place. */

import { t } from "../words/messages.js";
import { el, setShown } from "./dom.js";
import { importRow } from "./imports_row.js";

const COLUMNS = ["file", "target", "owner", "status", "rows", "failed", "started", "took", "menu"];
const CLASSES = { rows: "number", failed: "number", started: "number", took: "number" };

/** Return `{node, update(jobs, nowMs, {withOwner})}`; `asks` as a row takes them. */
export function importsTable(asks) {
  const heads = Object.fromEntries(COLUMNS.map((name) => [name, headCell(name)]));
  const body = el("tbody", { role: "rowgroup" });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...Object.values(heads)));
  const table = el("table", { class: "list imports-table", role: "table" }, head, body);
  table.setAttribute("aria-label", t("imports.table"));
  let rows = new Map();
  return {
    node: table,
    update(jobs, nowMs, { withOwner }) {
      const kept = new Map();
      for (const job of jobs) {
        const row = rows.get(job.jobId) ?? importRow(job, asks);
        row.update(job, nowMs, { withOwner });
        kept.set(job.jobId, row);
      }
      rows = kept;
      setShown(heads.owner, withOwner);
      place(body, [...rows.values()].map((row) => row.node));
    },
  };
}

function headCell(name) {
  const text = name === "menu" ? el("span", { class: "unseen", text: t("imports.menu") }) : t(`imports.${name}`);
  return el("th", { scope: "col", role: "columnheader", class: CLASSES[name] ?? null }, text);
}

/** Put the nodes in order; a node that is in its place already is not touched: it may have focus. */
function place(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}
