/** What waits at each stage of the road, and how fast rows are written. */

import { formatCount, formatDuration } from "../model/format.js";
import { lineOf, linePath, paceBars, paceNow, trendOf } from "../model/ops.js";
import { locale, t, textOr } from "../words/messages.js";
import { el, setAttribute, setText, svg } from "./dom.js";

const LINE = { width: 160, height: 36 };
const PACE = { width: 600, height: 96, count: 60 };
const TRENDS = { up: "ops.grows", down: "ops.shrinks", still: "ops.still" };

/** Return `{node, update(facts, samples)}`: a card for each stage. */
export function stagesBlock() {
  const grid = el("ul", { class: "stages-grid plain" });
  const cards = new Map();
  const node = el("section", { class: "ops-block", "data-part": "ops-stages" }, el("h2", { text: t("ops.stages") }), grid);
  return {
    node,
    update(facts, samples) {
      for (const stage of facts.stages) {
        if (!cards.has(stage.name)) {
          cards.set(stage.name, stageCard(stage.name));
          grid.append(cards.get(stage.name).node);
        }
        cards.get(stage.name).update(stage, lineOf(samples, stage.name));
      }
    },
  };
}

function stageCard(name) {
  const number = el("strong", { class: "stage-number" });
  const path = svg("path", { class: "spark-line", "vector-effect": "non-scaling-stroke" });
  const line = svg("svg", { class: "spark", viewBox: `0 0 ${LINE.width} ${LINE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, path);
  const trend = el("span", { class: "quiet small-text" });
  const node = el(
    "li",
    { class: "stage-card", "data-stage": name },
    el("span", { class: "stage-name", text: textOr(`stage.${name}`, name) }),
    number,
    line,
    trend,
  );
  return {
    node,
    update({ waiting, oldestS }, numbers) {
      setText(number, formatCount(waiting, locale()));
      path.setAttribute("d", linePath(numbers, LINE.width, LINE.height));
      const told = waiting === null ? t("ops.notKnown") : t(TRENDS[trendOf(numbers)]);
      setText(trend, oldestS ? t("ops.oldest", { time: formatDuration(oldestS, locale()) }) : told);
      node.classList.toggle("growing", trendOf(numbers) === "up");
    },
  };
}

/** Return `{node, update(facts)}`: rows a second, by the ledger, over five minutes. */
export function paceBlock() {
  const now = el("strong", { class: "stage-number" });
  const bars = Array.from({ length: PACE.count }, () => svg("rect", { class: "pace-bar" }));
  const failed = Array.from({ length: PACE.count }, () => svg("rect", { class: "pace-failed" }));
  const chart = svg("svg", { class: "ops-pace-chart", viewBox: `0 0 ${PACE.width} ${PACE.height}`, preserveAspectRatio: "none", role: "img" }, ...bars, ...failed);
  const scale = el("span", { class: "quiet small-text" });
  const node = el(
    "section",
    { class: "ops-block", "data-part": "ops-pace" },
    el("div", { class: "split" }, el("h2", { text: t("ops.pace") }), el("span", {}, now, " ", el("span", { class: "quiet", text: t("ops.rowsPerSecond") }))),
    chart,
    el("div", { class: "split small-text quiet" }, el("span", { text: t("ops.fiveMinutes") }), scale),
  );
  return {
    node,
    update(facts) {
      const untilMs = Date.parse(facts.at);
      const steps = paceBars({ ...facts.pace, untilMs, count: PACE.count });
      const highest = Math.max(1, ...steps.map((step) => step.perSecond + step.failedPerSecond));
      steps.forEach((step, at) => {
        const written = step.perSecond / highest;
        place(bars[at], at, 0, written);
        place(failed[at], at, written * PACE.height, step.failedPerSecond / highest);
      });
      const shown = formatCount(paceNow(steps), locale());
      setText(now, shown);
      setText(scale, t("ops.highest", { rate: formatCount(highest, locale()) }));
      setAttribute(chart, "aria-label", t("ops.paceChart", { rate: shown, highest: formatCount(highest, locale()) }));
    },
  };
}

function place(bar, at, from, share) {
  const step = PACE.width / PACE.count;
  const height = share * PACE.height;
  setAttribute(bar, "x", (at * step + 1).toFixed(1));
  setAttribute(bar, "width", (step - 2).toFixed(1));
  setAttribute(bar, "y", (PACE.height - from - height).toFixed(1));
  setAttribute(bar, "height", height.toFixed(1));
}
