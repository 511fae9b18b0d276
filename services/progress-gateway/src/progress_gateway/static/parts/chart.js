/** The pace as a small line: shapes are computed purely, then put into one SVG. */

import { svg } from "./dom.js";
import { t } from "../words/messages.js";

export const WIDTH = 320;
export const HEIGHT = 64;
const TOP = 4;

/** Return the SVG paths `{line, area}` of the samples over the whole width; empty below two. */
export function chartPaths(samples) {
  if (samples.length < 2) return { line: "", area: "" };
  const first = samples[0].atMs;
  const span = Math.max(1, samples.at(-1).atMs - first);
  const highest = Math.max(1, ...samples.map((sample) => sample.rowsPerSecond));
  const points = samples.map(({ atMs, rowsPerSecond }) => {
    const x = ((atMs - first) / span) * WIDTH;
    const y = HEIGHT - (rowsPerSecond / highest) * (HEIGHT - TOP);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const line = `M${points.join("L")}`;
  return { line, area: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z` };
}

/** Return `{node, update(samples)}`. */
export function paceChart() {
  const area = svg("path", { class: "chart-area" });
  const line = svg("path", { class: "chart-line", "vector-effect": "non-scaling-stroke" });
  const box = `0 0 ${WIDTH} ${HEIGHT}`;
  const node = svg(
    "svg",
    { class: "chart", viewBox: box, preserveAspectRatio: "none", role: "img" },
    area,
    line,
  );
  node.setAttribute("aria-label", t("run.paceChart"));
  let drawn = null;
  return {
    node,
    update(samples) {
      if (samples === drawn) return;
      drawn = samples;
      const paths = chartPaths(samples);
      area.setAttribute("d", paths.area);
      line.setAttribute("d", paths.line);
    },
  };
}
