/** One import as it happens: bar, phases, counts, pace, batches, ids, errors. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { t } from "../words/messages.js";
import { noticeText } from "../words/notice.js";
import { phasesOf, toneOf } from "../model/snapshot.js";
import { refusalOf } from "../model/state.js";
import { progressBar } from "./bar.js";
import { batchesCard } from "./batches.js";
import { controlButtons } from "./controls.js";
import { dryRunCard } from "./dry_run.js";
import { errorsCard } from "./errors.js";
import { finishCard } from "./finish.js";
import { idsCard } from "./ids.js";
import { mendCard } from "./mend.js";
import { paceCard } from "./pace.js";
import { runHead } from "./run_head.js";

const PHASES = ["upload", "read", "write", "done"];
const PHASE_TEXT = { done: "phase.finished" };

/**
 * Return `{node, update(state, job, nowMs, batches)}`; `job` is the record, null until it is read,
 * `batches` is `{book, isRead}`. `asks` has what the buttons do, and `tellMe` is the notification;
 * `isHandled(error)` tells that the sign-in is shown for an error.
 */
export function runView(jobId, asks, tellMe, isHandled) {
  const head = runHead(jobId, controlButtons(asks, tellMe));
  const notice = noticeBox();
  const dryRun = dryRunCard(jobId);
  const phases = phaseStrip();
  const bar = progressBar();
  const pace = paceCard();
  const finish = finishCard(jobId, isHandled);
  const errors = errorsCard(jobId, isHandled);
  const mend = mendCard(jobId, asks.correct, isHandled);
  const batches = batchesCard();
  const ids = idsCard();
  const hero = el("section", { class: "card hero", "data-part": "bar", "aria-labelledby": "hero-title" },
    el("h2", { class: "unseen", id: "hero-title", text: t("run.progress") }), phases.node, bar.node, pace.node);
  const node = el(
    "div",
    { class: "run" },
    head.node,
    notice.node,
    dryRun.node,
    hero,
    finish.node,
    mend.node,
    errors.node,
    batches.node,
    ids.node,
  );
  const parts = [head, notice, dryRun, phases, bar, finish, mend, errors, pace, batches, ids];
  return {
    node,
    update(...facts) {
      for (const part of parts) part.update(...facts);
    },
  };
}

function noticeBox() {
  const text = el("p");
  const node = el("div", { class: "card notice", "data-part": "notice", hidden: true }, text);
  return {
    node,
    update(state, _job, nowMs) {
      const { snapshot, retryAtMs } = state;
      const fault = refusalOf(state, nowMs);
      const waitS = retryAtMs === null ? 0 : Math.ceil((retryAtMs - nowMs) / 1000);
      const said = fault ?? (snapshot ? noticeText(snapshot, waitS) : null);
      setShown(node, said !== null);
      if (said === null) return;
      setText(text, said);
      setAttribute(node, "class", `card notice ${fault ? "bad" : toneOf(snapshot.status, snapshot.data)}`);
    },
  };
}

function phaseStrip() {
  const items = PHASES.map((name) => {
    const told = el("span", { class: "unseen" });
    return { name, told, node: el("li", {}, el("span", { text: t(`phase.${name}`) }), told) };
  });
  const node = el("ol", { class: "phases" }, ...items.map((item) => item.node));
  node.setAttribute("aria-label", t("phase.label"));
  return {
    node,
    update({ snapshot }) {
      const states = phasesOf(snapshot);
      for (const { name, told, node: item } of items) {
        const state = states[name];
        setAttribute(item, "class", state);
        setAttribute(item, "aria-current", state === "active" ? "step" : null);
        setText(told, t(PHASE_TEXT[state] ?? `phase.${state}`));
      }
    },
  };
}
