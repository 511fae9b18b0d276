/** How an import ended: numbers that add up to its rows, how long it took, what an undo left. */

import { formatCount, formatDuration } from "../model/format.js";
import { paceOf, resultOf, undoOf } from "../model/finish.js";
import { toneOf } from "../model/snapshot.js";
import { locale, t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { undoneRows } from "./undone_rows.js";

const WOULD = {
  inserted: "finish.wouldInserted",
  updated: "finish.wouldUpdated",
  skipped: "finish.wouldSkipped",
  failed: "finish.wouldFailed",
};

/** Return `{node, update(state)}`; nothing is shown before the end. */
export function finishCard(jobId, isHandled) {
  const title = el("h2");
  const took = el("span", { class: "quiet" });
  const result = sumList();
  const healed = el("p", { class: "quiet", hidden: true });
  const undone = undonePart(jobId, isHandled);
  const node = el(
    "section",
    { class: "card finish", id: "finish", "data-part": "finish", hidden: true },
    el("div", { class: "split" }, title, took),
    result.node, healed, undone.node,
  );
  return {
    node,
    update({ snapshot }) {
      const found = resultOf(snapshot);
      setShown(node, found !== null);
      if (found === null) return;
      const { status, data } = snapshot;
      setAttribute(node, "class", `card finish ${toneOf(status, data)}`);
      setText(title, t(data.dryRun ? "finish.titleDry" : "finish.title"));
      setText(took, paceText(snapshot));
      result.update(found, (name) => t((data.dryRun && WOULD[name]) || `finish.${name}`),
        t(found.isEstimate ? "finish.totalAbout" : "finish.total"));
      setShown(healed, data.healedRows > 0);
      setText(healed, t("finish.healed", { count: data.healedRows ?? 0 }));
      undone.update(snapshot);
    },
  };
}

function paceText(snapshot) {
  const pace = paceOf(snapshot);
  if (pace === null) return "";
  const time = formatDuration(pace.seconds, locale());
  if (pace.rowsPerSecond === null) return time;
  return t("finish.took", { time, count: Math.round(pace.rowsPerSecond) });
}

/** The parts of a sum and what they add up to; the signs between them are for the eye. */
function sumList() {
  const node = el("dl", { class: "sum" });
  let drawn = null;
  return {
    node,
    update({ parts, total }, nameOf, totalName) {
      const key = JSON.stringify([parts, total, totalName]);
      if (key === drawn) return;
      drawn = key;
      // The parts add up to it, also where the number of rows is not known for sure
      const shown = formatCount(total, locale());
      node.replaceChildren(
        ...parts.map(({ name, count }) => term(name, formatCount(count, locale()), nameOf(name), count)),
        term("total", shown, totalName, total),
      );
    },
  };
}

function term(kind, number, name, count) {
  const classes = `term term-${kind}${count > 0 ? " some" : ""}`;
  return el("div", { class: classes }, el("dt", { text: name }), el("dd", { text: number }));
}

function undonePart(jobId, isHandled) {
  const sum = sumList();
  const rows = undoneRows(jobId, isHandled);
  const title = el("h3", { text: t("undo.title") });
  const node = el("div", { class: "undone", hidden: true }, title, sum.node, rows.node);
  return {
    node,
    update(snapshot) {
      const undo = undoOf(snapshot);
      setShown(node, undo !== null);
      if (undo === null) return;
      sum.update(undo, (name) => t(`undo.${name}`), t("undo.total"));
      rows.update(undo.stayed);
    },
  };
}
