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
    update({ snapshot, samples, skewMs }, job, hereMs) {
      const nowMs = hereMs - skewMs;
      const data = snapshot?.data ?? {};
      const ended = isTerminal(snapshot?.status);
      const stands = snapshot?.status === "paused";
      const elapsedS = ended ? (data.summary?.seconds ?? secondsOf(job, nowMs)) : secondsOf(job, nowMs);
      const average = ended && elapsedS > 0 ? data.processedRows / elapsedS : null;
      pace.show(ended ? t("run.paceAverage") : t("run.pace"), formatCount(ended ? average : stands ? 0 : data.rowsPerSecond, locale()));
      remaining.show(t("run.remaining"), formatRemaining(stands ? null : data.estimatedTimeRemaining, locale()));
      setShown(remaining.node, !ended);
      elapsed.show(ended ? t("run.took") : t("run.elapsed"), formatDuration(ended ? elapsedS : whole(elapsedS), locale()));
      chart.update(samples);
      setShown(chart.node.parentNode, samples.length > 1);
      setText(peak, t("run.pacePeak", { count: Math.round(highestOf(samples)) }));
    },
  };
}

function highestOf(samples) {
  return samples.reduce((highest, { rowsPerSecond }) => Math.max(highest, rowsPerSecond), 0);
}

/** While it runs seconds are cut to whole ones: tenths would only flicker. */
function whole(seconds) {
  return seconds === null || seconds < 10 ? seconds : Math.floor(seconds);
}

function secondsOf(job, nowMs) {
  if (!job) return null;
  const endMs = job.finishedAt ? Date.parse(job.finishedAt) : nowMs;
  return Math.max(0, (endMs - Date.parse(job.createdAt)) / 1000);
}

function stat(label) {
  const name = el("span", { class: "stat-name", text: label });
  const value = el("span", { class: "stat-value" });
  return {
    node: el("div", { class: "stat" }, name, value),
    show(text, shown) {
      setText(name, text);
      setText(value, shown);
    },
  };
}
