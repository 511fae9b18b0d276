/** A replay as it is seen: a bar, what became of its letters, and why some were not sent. */

import { formatCount, formatMoment } from "../model/format.js";
import { isReplayOver, outcomesOf, replayPercentage } from "../model/ops.js";
import { locale, t, textOr } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { opsNav } from "./ops_nav.js";

/** Return `{node, update({replay, fault, nowMs})}`. */
export function replayView(again) {
  const done = el("div", { class: "bar-done" });
  const bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, done);
  bar.setAttribute("aria-label", t("replay.bar"));
  const healed = el("strong", { class: "stage-number" });
  const ofAll = el("span", { class: "quiet" });
  const state = el("span", { class: "badge" });
  const about = el("p", { class: "quiet" });
  const outcomes = el("ul", { class: "job-counts plain" });
  const unsent = unsentTable();
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const retry = el("button", { class: "button small", type: "button", text: t("problem.retry"), on: { click: again }, hidden: true });
  const card = el("div", { class: "card replay-card", hidden: true }, el("div", { class: "split" }, el("span", {}, healed, " ", ofAll), state), bar, outcomes, about);
  const node = el(
    "section",
    { class: "ops-page", "data-part": "ops-replay" },
    opsNav("#/ops/letters"),
    el("a", { href: "#/ops/letters", text: t("letters.back") }),
    el("h1", { text: t("replay.name") }),
    fault,
    retry,
    card,
    unsent.node,
  );
  return {
    node,
    update({ replay, fault: why, nowMs }) {
      setShown(fault, why !== null);
      setShown(retry, why !== null);
      setText(fault, why ?? "");
      setShown(card, replay !== null);
      if (replay === null) return;
      const percentage = replayPercentage(replay);
      done.style.width = `${percentage}%`;
      setAttribute(bar, "aria-valuenow", Math.floor(percentage));
      setAttribute(bar, "class", isReplayOver(replay) ? "bar good" : "bar");
      setText(healed, formatCount(replay.healed, locale()));
      setText(ofAll, t("replay.healedOf", { count: replay.selected }));
      showState(state, replay);
      outcomes.replaceChildren(...outcomesOf(replay).map(outcomeItem));
      const at = formatMoment(replay.requestedAt, nowMs, locale());
      setText(about, t("replay.about", { user: replay.requestedBy, at, rate: replay.ratePerS }));
      unsent.update(replay.unsent);
    },
  };
}

function showState(badge, replay) {
  const isOver = isReplayOver(replay);
  const key = isOver ? "replay.over" : replay.state === "done" ? "replay.healing" : "replay.running";
  setText(badge, t(key));
  setAttribute(badge, "class", isOver ? "badge good" : "badge");
}

function outcomeItem({ name, count }) {
  return el("li", {}, el("strong", { text: formatCount(count, locale()) }), " ", textOr(`outcome.${name}`, name));
}

function unsentTable() {
  const body = el("tbody");
  const heads = ["replay.letter", "replay.outcome", "replay.why"].map((key) => el("th", { scope: "col", text: t(key) }));
  const table = el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...heads)), body);
  const node = el("section", { class: "ops-block", hidden: true }, el("h2", { text: t("replay.unsent") }), el("div", { class: "scroll" }, table));
  return {
    node,
    update(letters) {
      setShown(node, letters.length > 0);
      body.replaceChildren(...letters.map(({ deadLetterId, outcome, reason }) => el(
        "tr",
        {},
        el("td", {}, el("a", { href: `#/ops/letters/${deadLetterId}`, text: t("letters.letter", { id: deadLetterId }) })),
        el("td", { text: textOr(`outcome.${camel(outcome)}`, outcome) }),
        el("td", { text: reason ?? "–" }),
      )));
    },
  };
}

function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
