/** The head of a run: which file goes where, how it stands, whether the page is connected. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatClock } from "../model/format.js";
import { toneOf } from "../model/snapshot.js";
import { intoText } from "../words/job_text.js";
import { locale, statusText, t } from "../words/messages.js";

/** A name of more characters would be taller than the import it stands over. */
const LONG_NAME = 60;

/** Return `{node, update(state, job, nowMs)}`; `controls` are the buttons below. */
export function runHead(jobId, controls) {
  const title = el("h1", { text: t("run.heading") });
  const target = el("span", { class: "quiet" });
  const owner = el("span", { class: "quiet", hidden: true });
  const dry = el("span", { class: "badge warned", text: t("run.dryRun"), hidden: true });
  const root = el("a", { text: t("run.correctionOf"), hidden: true });
  const audit = el("a", { href: `#/jobs/${jobId}/audit`, text: t("run.audit"), hidden: true });
  const about = el("div", { class: "run-about" }, dry, target, owner, root, audit);
  const badge = el("span", { class: "badge", "data-part": "badge-status" });
  const link = linkBadge();
  const told = el("p", { class: "quiet told", role: "status" });
  const node = el(
    "div",
    { class: "run-head" },
    el("div", { class: "run-name" }, title, about),
    el("div", { class: "run-state" }, badge, link.node),
    el("div", { class: "run-controls" }, controls.node, told),
  );
  return {
    node,
    update(state, job, nowMs) {
      const { snapshot, right } = state;
      setText(told, state.told !== null && nowMs < state.told.untilMs ? state.told.text : "");
      controls.update(state);
      link.update(state);
      if (job) showJob(job, { title, target, owner, right });
      setShown(dry, (snapshot?.data.dryRun ?? job?.dryRun) === true);
      const rootId = snapshot?.data.correctionOf ?? null;
      setShown(root, rootId !== null);
      if (rootId !== null) setAttribute(root, "href", `#/jobs/${rootId}`);
      setShown(audit, right === "own");
      const status = snapshot?.status ?? "pending";
      setText(badge, snapshot === null ? t("run.opening") : statusText(status));
      const tone = snapshot === null ? "idle" : toneOf(status, snapshot.data);
      setAttribute(badge, "class", `badge ${tone}`);
    },
  };
}

function showJob(job, { title, target, owner, right }) {
  setText(title, job.fileName);
  title.classList.toggle("long", job.fileName.length > LONG_NAME);
  setText(target, intoText(job));
  setText(owner, t("run.owner", { name: job.owner }));
  setShown(owner, right === "view" || right === "control");
}

/** How the page hears of the import, and when it last did. */
function linkBadge() {
  const name = el("span", { class: "link" });
  const at = el("span", { class: "quiet" });
  const node = el("div", { class: "link-line", "data-part": "badge-link" }, name, at);
  return {
    node,
    update({ link, lastUpdateMs }) {
      setText(name, t(`link.${link}`));
      setAttribute(name, "class", `link ${link}`);
      setText(at, lastUpdateMs === null ? "" : t("link.at", { time: formatClock(lastUpdateMs, locale()) }));
    },
  };
}
