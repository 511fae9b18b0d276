/** What was written last: the recent batches and the ids of the newest rows. */

import { el, setShown, setText } from "./dom.js";
import { formatCount } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { isTerminal } from "../model/snapshot.js";

const SHOWN_BATCHES = 10;
const SHOWN_IDS = 18;

/** Return `{node, update(state)}`: the newest batches, newest first. */
export function batchesCard() {
  const count = el("span", { class: "quiet" });
  const body = el("tbody");
  const table = el("table", { class: "list batches" }, head(), body);
  const none = el("p", { class: "quiet", text: t("run.batchesNone") });
  const node = el(
    "div",
    { class: "card" },
    el("div", { class: "split" }, el("h2", { text: t("run.batches") }), count),
    none,
    el("div", { class: "scroll" }, table),
  );
  let drawn = null;
  return {
    node,
    update({ snapshot }) {
      const data = snapshot?.data ?? {};
      const batches = data.recentBatches ?? [];
      setText(count, countText(data));
      setShown(none, !batches.length);
      setShown(table, batches.length > 0);
      setText(none, isTerminal(snapshot?.status) ? t("run.batchesPast") : t("run.batchesNone"));
      if (batches === drawn) return;
      drawn = batches;
      const newest = [...batches].reverse().slice(0, SHOWN_BATCHES);
      body.replaceChildren(...newest.map(row));
    },
  };
}

function countText({ currentBatch, totalBatches }) {
  if (typeof currentBatch !== "number") return "";
  const count = formatCount(currentBatch, locale());
  if (typeof totalBatches !== "number") return t("run.batchesSoFar", { count });
  return t("run.batchesDone", { count, total: formatCount(totalBatches, locale()) });
}

function head() {
  const cell = (key, isNumber) =>
    el("th", { scope: "col", class: isNumber ? "number" : null, text: t(key) });
  return el(
    "thead",
    {},
    el(
      "tr",
      {},
      cell("run.batch", false),
      cell("run.batchLines", false),
      cell("run.batchRows", true),
      cell("run.batchFailed", true),
    ),
  );
}

function row({ chunkNo, firstLine, lastLine, rows, failed }) {
  const number = (value) => formatCount(value, locale());
  // Chunks are counted from 0 on the way, and from 1 by people
  return el(
    "tr",
    {},
    el("td", { text: number(chunkNo + 1) }),
    el("td", { text: `${number(firstLine)} – ${number(lastLine)}` }),
    el("td", { class: "number", text: number(rows) }),
    el("td", { class: failed ? "number warn-text" : "number", text: number(failed) }),
  );
}

/** Return `{node, update(state)}`: ids are names, so they get no thousands separators. */
export function idsCard() {
  const list = el("ul", { class: "ids" });
  const none = el("p", { class: "quiet", text: t("run.idsNone") });
  const node = el("div", { class: "card" }, el("h2", { text: t("run.ids") }), none, list);
  let drawn = null;
  return {
    node,
    update({ snapshot }) {
      const ids = snapshot?.data.insertedIds ?? [];
      if (ids === drawn) return;
      drawn = ids;
      setShown(none, !ids.length);
      const newest = ids.slice(-SHOWN_IDS).reverse();
      list.replaceChildren(...newest.map((id) => el("li", { text: String(id) })));
    },
  };
}
