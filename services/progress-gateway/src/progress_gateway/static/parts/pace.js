/** How fast it goes, how long it took and how long it takes. */

import { paceChart } from "./chart.js";
import { el, setShown, setText } from "./dom.js";
import { formatCount, formatDuration, formatRemaining } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { isTerminal } from "../model/snapshot.js";

/** Return `{node, update(state, job, nowMs)}`. */
export function paceCard() {
  const chart = paceChart();
  const pace = stat(t("run.pace"));
  const peak = el("figcaption", { class: "quiet" });
  const remaining = stat(t("run.remaining"));
  const elapsed = stat(t("run.elapsed"));
  const node = el(
    "div",
    { class: "pace", "data-part": "pace" },
    el("div", { class: "pace-chart" }, pace.node, el("figure", {}, chart.node, peak)),
    remaining.node,
    elapsed.node,
  );
  return {
    node,
    update({ snapshot, samples, skewMs }, job, nowMs) {
      const { status, data = {} } = snapshot ?? {};
      const ended = isTerminal(status);
      const stands = status === "paused";
      const highest = highestOf(samples);
      const hasLine = samples.length > 1 && highest > 0;
      pace.show(formatCount(stands ? 0 : data.rowsPerSecond, locale()));
      remaining.show(formatRemaining(stands ? null : data.estimatedTimeRemaining, locale()));
      elapsed.show(formatDuration(elapsedOf(job, nowMs - skewMs), locale()));
      // The result has a time and a pace of its own: at the end only the line is left
      for (const each of [pace, remaining, elapsed]) setShown(each.node, !ended);
      setShown(node, !ended || hasLine);
      chart.update(samples);
      setShown(chart.node.parentNode, hasLine);
      setText(peak, t("run.pacePeak", { count: Math.round(highest) }));
    },
  };
}

function highestOf(samples) {
  return samples.reduce((highest, { rowsPerSecond }) => Math.max(highest, rowsPerSecond), 0);
}

/** Return for how long a job goes on, in whole seconds: tenths would only flicker. */
function elapsedOf(job, nowMs) {
  if (!job) return null;
  const seconds = Math.max(0, (nowMs - Date.parse(job.createdAt)) / 1000);
  return seconds < 10 ? seconds : Math.floor(seconds);
}

function stat(label) {
  const value = el("span", { class: "stat-value" });
  return {
    node: el("div", { class: "stat" }, el("span", { class: "stat-name", text: label }), value),
    show: (shown) => setText(value, shown),
  };
}
