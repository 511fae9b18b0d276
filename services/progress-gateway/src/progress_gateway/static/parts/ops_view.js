/** The page of operations as it is seen; each block is a part of its own. */

import { formatClock, formatDuration } from "../model/format.js";
import { healthOf, lettersWaiting } from "../model/ops.js";
import { locale, t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { classesBlock, jobsBlock } from "./ops_counts.js";
import { opsNav } from "./ops_nav.js";
import { partsBlock } from "./ops_parts.js";
import { paceBlock, stagesBlock } from "./ops_stages.js";

const STALE_MS = 10_000;

/** Return `{node, update({facts, samples, fault, readMs, nowMs})}`; `asks`: `again()`, `letGoOn()`. */
export function opsView(asks) {
  const badge = el("span", { class: "link-badge", "data-part": "badge-link" });
  const verdict = el("p", { class: "verdict" });
  const loading = el("p", { class: "quiet", text: t("ops.loading") });
  const fault = faultLine(asks.again);
  const halted = haltedBlock(asks.letGoOn);
  const blocks = [partsBlock(), paceBlock(), stagesBlock(), jobsBlock(), classesBlock()];
  const all = el("div", { class: "ops-blocks" }, ...blocks.map(({ node }) => node));
  const node = el(
    "section",
    { class: "ops-page", "data-part": "ops-overview" },
    opsNav("#/ops"),
    el("div", { class: "split" }, el("h1", { text: t("ops.title") }), badge),
    fault.node,
    loading,
    halted.node,
    verdict,
    all,
  );
  return {
    node,
    update({ facts, samples, fault: why, readMs, nowMs }) {
      fault.update(why);
      setShown(loading, facts === null && why === null);
      setShown(all, facts !== null);
      setShown(badge, readMs !== null);
      if (facts === null) return;
      const isFresh = why === null && nowMs - readMs < STALE_MS;
      setAttribute(badge, "class", isFresh ? "link-badge live" : "link-badge");
      setText(badge, t("ops.readAt", { time: formatClock(readMs, locale()) }));
      const health = healthOf(facts);
      setText(verdict, t(HEALTH[health], { count: lettersWaiting(facts.deadLetters) }));
      setAttribute(verdict, "class", `verdict ${health === "letters" ? "warned" : health}`);
      halted.update(facts.halts, nowMs);
      for (const block of blocks) block.update(facts, samples, nowMs);
    },
  };
}

/** By how everything does: the text that says so. */
export const HEALTH = {
  good: "ops.health_good",
  letters: "ops.health_letters",
  warned: "ops.health_warned",
  bad: "ops.health_bad",
};

function faultLine(again) {
  const text = el("span");
  const button = el("button", { class: "button small", type: "button", text: t("problem.retry"), on: { click: again } });
  const node = el("div", { class: "fault split", role: "alert", hidden: true }, text, button);
  return {
    node,
    update(why) {
      setShown(node, why !== null);
      setText(text, why ?? "");
    },
  };
}

/** Consumers that stand still wait for a person: nothing else on this page is as urgent. */
function haltedBlock(letGoOn) {
  const list = el("ul", { class: "plain" });
  const button = el("button", { class: "button", type: "button", text: t("ops.goOn"), on: { click: letGoOn } });
  const title = el("h2", { text: t("ops.halted") });
  // The list is made anew with every reading: only the title is an alert, once
  const alert = el("div", { role: "alert" }, title);
  const node = el("div", { class: "card notice bad", "data-part": "ops-halted", hidden: true }, alert, list, button);
  return {
    node,
    update(halts, nowMs) {
      setShown(node, halts.length > 0);
      list.replaceChildren(...halts.map((halt) => {
        const since = formatDuration((nowMs - Date.parse(halt.haltedAt)) / 1000, locale());
        return el("li", { text: t("ops.haltedSince", { consumer: halt.consumer, reason: halt.reason, since }) });
      }));
    },
  };
}
