/** One import as it happens: bar, phases, counts, pace, batches, ids, errors. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatClock } from "../model/format.js";
import { intoText } from "../words/job_text.js";
import { locale, statusText, t } from "../words/messages.js";
import { noticeText } from "../words/notice.js";
import { phasesOf, toneOf } from "../model/snapshot.js";
import { progressBar } from "./bar.js";
import { batchesCard, idsCard } from "./batches.js";
import { controlButtons } from "./controls.js";
import { errorsCard } from "./errors.js";
import { finishCard } from "./finish.js";
import { mendCard } from "./mend.js";
import { paceCard } from "./pace.js";

const PHASES = ["upload", "read", "write", "done"];
const PHASE_TEXT = { done: "phase.finished" };

/** Return `{node, update(state, job, nowMs)}`; `job` is the record, null until it is read. */
export function runView(jobId, ask, correct, isHandled) {
  const head = headline(controlButtons(ask));
  const notice = noticeBox();
  const phases = phaseStrip();
  const bar = progressBar();
  const pace = paceCard();
  const finish = finishCard(jobId, isHandled);
  const errors = errorsCard(jobId, isHandled);
  const mend = mendCard(jobId, correct, isHandled);
  const batches = batchesCard();
  const ids = idsCard();
  const node = el(
    "section",
    { class: "run" },
    head.node,
    notice.node,
    el("div", { class: "card hero" }, phases.node, bar.node),
    finish.node,
    mend.node,
    errors.node,
    pace.node,
    el("div", { class: "columns" }, batches.node, ids.node),
  );
  const parts = [head, notice, phases, bar, finish, mend, errors, pace, batches, ids];
  return {
    node,
    update(state, job, nowMs) {
      for (const part of parts) part.update(state, job, nowMs);
    },
  };
}

function headline(controls) {
  const title = el("h1", { text: t("run.heading") });
  const target = el("span", { class: "quiet" });
  const badge = el("span", { class: "badge" });
  const dry = el("span", { class: "badge warned", text: t("run.dryRun"), hidden: true });
  const root = el("a", { text: t("run.correctionOf"), hidden: true });
  const link = el("span", { class: "link" });
  const linkAt = el("span", { class: "quiet" });
  const node = el(
    "div",
    { class: "run-head" },
    el("div", {}, title, target, " ", dry, root),
    el("div", { class: "run-state" }, badge, el("div", { class: "link-line" }, link, linkAt), controls.node),
  );
  return {
    node,
    update(state, job) {
      const { snapshot, link: name, lastUpdateMs } = state;
      controls.update(state);
      if (job) {
        setText(title, job.fileName);
        setText(target, intoText(job));
      }
      setShown(dry, snapshot?.data.dryRun === true);
      const rootId = snapshot?.data.correctionOf ?? null;
      setShown(root, rootId !== null);
      if (rootId !== null) setAttribute(root, "href", `#/jobs/${rootId}`);
      const status = snapshot?.status ?? "pending";
      setText(badge, statusText(status));
      setAttribute(badge, "class", `badge ${toneOf(status, snapshot?.data.failedRows)}`);
      setText(link, t(`link.${name}`));
      setAttribute(link, "class", `link ${name}`);
      const time = formatClock(lastUpdateMs, locale());
      setText(linkAt, lastUpdateMs === null ? "" : t("link.at", { time }));
    },
  };
}

function noticeBox() {
  const text = el("p");
  const node = el("div", { class: "card notice", hidden: true }, text);
  return {
    node,
    update({ snapshot, fault, retryAtMs }, _job, nowMs) {
      const waitS = retryAtMs === null ? 0 : Math.ceil((retryAtMs - nowMs) / 1000);
      const said = fault ?? (snapshot ? noticeText(snapshot, waitS) : null);
      setShown(node, said !== null);
      if (said === null) return;
      setText(text, said);
      const tone = fault ? "bad" : toneOf(snapshot.status, snapshot.data.failedRows);
      setAttribute(node, "class", `card notice ${tone}`);
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
        setText(told, t(PHASE_TEXT[state] ?? `phase.${state}`));
      }
    },
  };
}
