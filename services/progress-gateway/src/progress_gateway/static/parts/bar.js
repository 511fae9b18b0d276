/** The bar with its done and failed parts, and the counts around it. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatAbout, formatCount, formatPercent } from "../model/format.js";
import { locale, statusText, t } from "../words/messages.js";
import { aboutTotal, barParts, isTerminal, toneOf } from "../model/snapshot.js";

/** Return `{node, update(state)}`. */
export function progressBar() {
  const processed = el("span", { class: "big" });
  const total = el("span", { class: "quiet" });
  const percent = el("span", { class: "big percent" });
  const done = el("div", { class: "bar-done" });
  const failed = el("div", { class: "bar-failed" });
  const bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, done, failed);
  bar.setAttribute("aria-label", t("run.bar"));
  const legend = { written: legendItem("done"), failed: legendItem("failed"), left: legendItem("left") };
  const node = el(
    "div",
    {},
    el("div", { class: "split counts" }, el("div", {}, processed, total), percent),
    bar,
    el("ul", { class: "legend" }, legend.written.node, legend.failed.node, legend.left.node),
  );
  return { node, update: (state) => showBar({ processed, total, percent, done, failed, bar, legend }, state) };
}

function legendItem(kind) {
  const number = el("strong");
  const text = el("span");
  return { number, text, node: el("li", { class: `legend-${kind}` }, number, " ", text) };
}

function showBar(refs, { snapshot }) {
  const data = snapshot?.data ?? {};
  const status = snapshot?.status ?? "pending";
  const starts = !isTerminal(status) && !data.percentage;
  const parts = barParts(data);
  const shown = formatPercent(data.percentage ?? 0, locale());
  setText(refs.processed, formatCount(data.processedRows ?? 0, locale()));
  setText(refs.total, totalText(data, isTerminal(status)));
  setText(refs.percent, starts || data.totalRows === 0 ? "" : shown);
  refs.done.style.width = `${parts.done}%`;
  refs.failed.style.width = `${parts.failed}%`;
  setShown(refs.failed, parts.failed > 0);
  setAttribute(refs.bar, "class", `bar ${toneOf(status, data)}${starts ? " unknown" : ""}${status === "paused" ? " still" : ""}`);
  setAttribute(refs.bar, "aria-valuenow", starts ? null : Math.floor(data.percentage));
  const counts = { percent: shown, processed: formatCount(data.processedRows ?? 0, locale()) };
  const valueText = t("run.barText", { ...counts, failed: formatCount(data.failedRows ?? 0, locale()) });
  setAttribute(refs.bar, "aria-valuetext", starts ? statusText(status) : valueText);
  showLegend(refs.legend, data, isTerminal(status));
}

function showLegend(legend, data, ended) {
  const show = (item, number, key) => {
    setText(item.number, number);
    setText(item.text, t(key));
  };
  const count = (value) => formatCount(value ?? 0, locale());
  const about = ended ? (data.unprocessedRows ?? 0) : aboutTotal(data) - (data.processedRows ?? 0);
  const left = data.totalIsEstimate
    ? t("run.about", { count: formatAbout(about, locale()) })
    : count(data.unprocessedRows);
  show(legend.written, count(data.successRows), data.dryRun ? "run.wouldBeWritten" : "run.written");
  show(legend.failed, count(data.failedRows), "run.failed");
  show(legend.left, left, ended ? "run.notProcessed" : "run.toGo");
  legend.failed.node.classList.toggle("some", (data.failedRows ?? 0) > 0);
  setShown(legend.left.node, !ended || (data.unprocessedRows ?? 0) > 0);
}

function totalText(data, ended) {
  if (typeof data.totalRows !== "number") return t("run.counting");
  if (data.totalIsEstimate) return t("run.ofAbout", { total: formatAbout(ended ? data.totalRows : aboutTotal(data), locale()) });
  return t("run.of", { total: formatCount(data.totalRows, locale()) });
}
