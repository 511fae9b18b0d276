/** Every batch as a line of a table, newest first; only the lines in sight are in the document. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatCount, formatDuration } from "../model/format.js";
import { linesInSight, listOf, shownState } from "../model/batches.js";
import { isTerminal } from "../model/snapshot.js";
import { locale, t } from "../words/messages.js";

const LINE_HEIGHT = 38;
const COLUMNS = [
  ["run.batch", "batch-no"], ["run.batchLines", "batch-lines"], ["run.batchRows", "number batch-rows"],
  ["run.batchFailed", "number batch-failed"], ["run.batchState", "batch-state"],
  ["run.batchTime", "number batch-time"], ["run.batchRetries", "number batch-retries"],
];
/** As few as a phone shows: a gap must not bring back the columns that are hidden there. */
const GAP_COLUMNS = 4;
const TONES = { ok: "good", partly: "warned", dead: "bad", retrying: "warned", writing: "busy" };

/** Return `{node, update(state, job, nowMs, batches)}`; `batches` is `{book, isRead}`. */
export function batchesCard() {
  const count = el("span", { class: "quiet" });
  const filter = el("input", { id: "batches-problems", type: "checkbox" });
  const label = el("label", { class: "check", for: "batches-problems" }, filter, el("span", { text: t("run.batchesProblems") }));
  const none = el("p", { class: "quiet", text: t("run.batchesNone") });
  const table = virtualTable();
  const node = el(
    "section",
    { class: "card batches-card", "data-part": "batches", "aria-labelledby": "batches-title" },
    el("div", { class: "split" }, el("h2", { id: "batches-title", text: t("run.batches") }), count, label),
    none,
    table.node,
  );
  let shown = null;
  const show = () => {
    if (shown === null) return;
    const { status, total, batches } = shown;
    const list = listOf(batches.book, { onlyProblems: filter.checked, total });
    const hasAny = batches.book.size > 0;
    setShown(table.node, list.count > 0);
    setShown(none, list.count === 0);
    setText(none, noneText({ hasAny, ended: isTerminal(status), isRead: batches.isRead }));
    setShown(node, hasAny || !isTerminal(status) || !batches.isRead);
    table.show(list, { status, isRead: batches.isRead, version: batches.book.version });
  };
  filter.addEventListener("change", () => {
    table.toTop();
    show();
  });
  table.onScroll(show);
  return {
    node,
    update({ snapshot }, _job, _nowMs, batches) {
      const { status = "pending", data = {} } = snapshot ?? {};
      const total = isTerminal(status) ? null : (data.totalBatches ?? null);
      shown = { status, total, batches };
      setText(count, countText(data));
      show();
    },
  };
}

function noneText({ hasAny, ended, isRead }) {
  if (hasAny) return t("run.batchesNoProblems");
  if (!ended) return t("run.batchesNone");
  return isRead ? t("run.batchesNever") : t("run.batchesLoading");
}

function countText({ currentBatch, totalBatches }) {
  if (typeof currentBatch !== "number") return "";
  if (typeof totalBatches !== "number") return t("run.batchesSoFar", { count: currentBatch });
  return t("run.batchesDone", { count: currentBatch, total: totalBatches });
}

/** A scrolling table; two empty rows stand for the lines above and below those in sight. */
function virtualTable() {
  const above = el("tr", { class: "batch-gap", "aria-hidden": "true" }, el("td", { colspan: GAP_COLUMNS }));
  const below = el("tr", { class: "batch-gap", "aria-hidden": "true" }, el("td", { colspan: GAP_COLUMNS }));
  const head = el("tr", {}, ...COLUMNS.map(([key, kind]) => el("th", { scope: "col", class: kind, text: t(key) })));
  const body = el("tbody", {}, above, below);
  const table = el("table", { class: "list batches" }, el("thead", {}, head), body);
  const node = el("div", { class: "batches-scroll", tabindex: 0, role: "group", "aria-labelledby": "batches-title" }, table);
  const lines = [];
  let drawn = "";
  let height = 0;
  let top = 0;
  let counted = 0;
  const resized = new ResizeObserver(([entry]) => (height = entry.contentRect.height));
  resized.observe(node);
  const fill = (list, facts, { from, to }) => {
    while (lines.length < to - from) {
      lines.push(batchLine());
      body.insertBefore(lines.at(-1).node, below);
    }
    while (lines.length > to - from) lines.pop().node.remove();
    lines.forEach((line, at) => line.show(list.at(from + at), from + at, facts));
    above.firstChild.style.height = `${from * LINE_HEIGHT}px`;
    below.firstChild.style.height = `${(list.count - to) * LINE_HEIGHT}px`;
    setAttribute(table, "aria-rowcount", list.count + 1);
  };
  return {
    node,
    toTop() {
      node.scrollTop = top = 0;
    },
    onScroll(call) {
      let planned = false;
      node.addEventListener("scroll", () => {
        top = node.scrollTop;
        if (planned) return;
        planned = true;
        requestAnimationFrame(() => {
          planned = false;
          call();
        });
      }, { passive: true });
    },
    show(list, facts) {
      // Who has scrolled down reads: what comes on top must not move the lines away
      const grown = top > LINE_HEIGHT ? list.count - counted : 0;
      counted = list.count;
      if (grown > 0) top += grown * LINE_HEIGHT;
      const sight = linesInSight({ count: list.count, lineHeight: LINE_HEIGHT, scrollTop: top, height: height || 400 });
      const key = [facts.version, facts.status, facts.isRead, list.count, sight.from, sight.to, locale()].join();
      if (key === drawn) return;
      drawn = key;
      fill(list, facts, sight);
      if (grown > 0) node.scrollTop = top;
    },
  };
}

function batchLine() {
  const cells = COLUMNS.map(([, kind]) => el("td", { class: kind }));
  const [no, lines, rows, failed, stateCell, time, retries] = cells;
  const badge = el("span", { class: "badge" });
  stateCell.append(badge);
  const node = el("tr", {}, ...cells);
  return {
    node,
    show(batch, index, facts) {
      const state = shownState(batch, facts);
      setAttribute(node, "aria-rowindex", index + 2);
      // Chunks are counted from 0 on the way, and from 1 by people
      const last = batch.lastNo === undefined ? "" : ` – ${number(batch.lastNo + 1)}`;
      setText(no, `${number(batch.chunkNo + 1)}${last}`);
      setText(lines, batch.firstLine && batch.lastLine ? `${number(batch.firstLine)} – ${number(batch.lastLine)}` : "–");
      setText(rows, number(batch.rows));
      setText(failed, batch.state === "written" ? number(batch.failed) : "–");
      setAttribute(failed, "class", `${COLUMNS[3][1]}${batch.failed ? " warn-text" : ""}`);
      setText(badge, t(`batch.${state}`, { count: batch.retries ?? 0 }));
      setAttribute(badge, "class", `badge ${TONES[state] ?? "idle"}`);
      setAttribute(badge, "title", batch.code ?? null);
      setText(time, timeText(batch.seconds));
      setText(retries, batch.retries ? number(batch.retries) : batch.state === "written" ? "0" : "–");
    },
  };
}

function timeText(seconds) {
  if (typeof seconds !== "number" || seconds >= 1) return formatDuration(seconds, locale());
  return `${number(seconds * 1000)} ms`;
}

function number(value) {
  return formatCount(value, locale());
}
