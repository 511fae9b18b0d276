/** How the parts do: our services with their processes, and what they rest on. */

import { formatDuration } from "../model/format.js";
import { toneOfPart } from "../model/ops.js";
import { locale, t, textOr } from "../words/messages.js";
import { el } from "./dom.js";

/** Return `{node, update(facts)}`. */
export function partsBlock() {
  const grid = el("ul", { class: "parts-grid plain" });
  const node = el("section", { class: "ops-block", "data-part": "ops-parts" }, el("h2", { text: t("ops.parts") }), grid);
  return {
    node,
    update: (facts) => grid.replaceChildren(...facts.parts.map(partCard)),
  };
}

function partCard(part) {
  const state = textOr(`part.${part.state}`, part.state);
  const lines = part.instances.map((instance) => el("li", { text: instanceText(instance) }));
  const isDependency = part.kind === "dependency";
  return el(
    "li",
    { class: `part-card ${toneOfPart(part.state)}` },
    el(
      "div",
      { class: "split" },
      el("strong", { text: textOr(`part.name_${part.name}`, part.name) }),
      el("span", { class: "part-state", text: state }),
    ),
    el("p", { class: "quiet small-text", text: textOr(`part.does_${part.name}`, "") }),
    part.reason ? el("p", { class: "part-reason", text: part.reason }) : null,
    isDependency
      ? sinceLine(part)
      : el("ul", { class: "plain small-text" }, ...lines),
  );
}

function instanceText({ instance, isUp, uptimeS, silentS, waitsFor }) {
  if (!isUp) return t("part.silentFor", { instance, time: formatDuration(silentS, locale()) });
  const time = formatDuration(uptimeS, locale());
  return waitsFor ? t("part.waitsSince", { instance, time }) : t("part.upFor", { instance, time });
}

/** What was first looked at a moment ago tells nothing of its past. */
function sinceLine({ state, sinceS }) {
  if (sinceS < 1) return null;
  const time = formatDuration(sinceS, locale());
  return el("p", { class: "small-text", text: t(state === "up" ? "part.seenUp" : "part.seenAway", { time }) });
}
