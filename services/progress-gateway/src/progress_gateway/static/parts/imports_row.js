/** One import in the list: its cells change in place, so that focus and selection stay. */

import { formatCount, formatDuration, formatMoment, formatPercent } from "../model/format.js";
import { actionsOn, againParams, durationOf, rowBar } from "../model/jobs_list.js";
import { hashOf } from "../model/routes.js";
import { isTerminal, toneOf } from "../model/snapshot.js";
import { locale, statusText, t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { rowMenu } from "./row_menu.js";

/**
 * Return `{node, update(job, nowMs, {withOwner})}`. `asks`: `retry(job)` and `erase(job)`.
 */
export function importRow(job, asks) {
  const link = el("a", { class: "row-link", href: `#/jobs/${job.jobId}`, text: job.fileName });
  const tags = el("span", { class: "tags" });
  const owner = el("td", { role: "cell", "data-label": t("imports.owner"), text: job.owner });
  const badge = el("span");
  const bar = miniBar(job.fileName);
  const cells = {
    rows: numberCell(t("imports.rows")),
    failed: numberCell(t("imports.failed")),
    started: numberCell(t("imports.started"), "moment"),
    took: numberCell(t("imports.took")),
  };
  const menu = rowMenu(t("imports.actions", { name: job.fileName }));
  const node = el(
    "tr",
    { role: "row", "data-job": job.jobId },
    el("td", { role: "cell", class: "file" }, link, tags),
    el("td", { role: "cell", "data-label": t("imports.target"), class: "quiet-cell", text: job.target }),
    owner,
    el("td", { role: "cell", "data-label": t("imports.status"), class: "state" }, badge, bar.node),
    ...Object.values(cells),
    el("td", { role: "cell", class: "row-actions" }, menu.node),
  );
  tags.append(...tagsOf(job).map((text) => el("span", { class: "tag", text })));
  setShown(tags, tags.children.length > 0);
  return { node, update: (now, nowMs, { withOwner }) => {
    setShown(owner, withOwner);
    showState({ badge, bar }, now);
    showNumbers(cells, now, nowMs);
    menu.update(itemsOf(now, asks));
  } };
}

function numberCell(label, more = "") {
  return el("td", { role: "cell", class: `number ${more}`.trim(), "data-label": label });
}

function tagsOf(job) {
  const tags = [];
  if (job.dryRun) tags.push(t("imports.dryRun"));
  if (job.correctionOf) tags.push(t("imports.correction"));
  return tags;
}

function showState({ badge, bar }, job) {
  setAttribute(badge, "class", `badge ${toneOf(job.status, job)}`);
  setText(badge, statusText(job.status));
  bar.update(job);
}

function showNumbers(cells, job, nowMs) {
  const failed = job.failedRows ?? 0;
  setText(cells.rows, formatCount(job.processedRows, locale()));
  setText(cells.failed, formatCount(failed, locale()));
  cells.failed.classList.toggle("warn-text", failed > 0);
  setText(cells.started, formatMoment(job.createdAt, nowMs, locale()));
  setText(cells.took, formatDuration(durationOf(job, nowMs), locale()));
}

function itemsOf(job, asks) {
  const may = actionsOn(job);
  const items = [{ text: t("imports.open"), href: `#/jobs/${job.jobId}` }];
  if (may.retry) items.push({ text: t("imports.retry"), run: () => asks.retry(job) });
  if (may.again) items.push({ text: t("imports.again"), href: hashOf("#/", againParams(job)) });
  if (job.right === "own") items.push({ text: t("imports.audit"), href: `#/jobs/${job.jobId}/audit` });
  if (may.erase) items.push({ text: t("imports.erase"), run: () => asks.erase(job), danger: true });
  return items;
}

/** The thin bar of a row that runs, with its percentage and pace. */
function miniBar(name) {
  const done = el("div", { class: "bar-done" });
  const failed = el("div", { class: "bar-failed" });
  const bar = el("div", { class: "bar mini", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, done, failed);
  bar.setAttribute("aria-label", t("imports.bar", { name }));
  const text = el("span", { class: "mini-text" });
  const node = el("div", { class: "mini-progress", hidden: true }, bar, text);
  return {
    node,
    update(job) {
      const runs = !isTerminal(job.status) || Boolean(job.live?.ongoing);
      setShown(node, runs);
      if (!runs) return;
      const { percentage, done: written, failed: rejected } = rowBar(job);
      done.style.width = `${written}%`;
      failed.style.width = `${rejected}%`;
      setShown(failed, rejected > 0);
      bar.classList.toggle("unknown", percentage === null && job.status !== "paused");
      setAttribute(bar, "aria-valuenow", percentage === null ? null : Math.floor(percentage));
      setText(text, paceText(job, percentage));
    },
  };
}

function paceText(job, percentage) {
  const parts = percentage === null ? [] : [formatPercent(percentage, locale())];
  const pace = job.live?.rowsPerSecond;
  if (pace && job.status === "processing") {
    parts.push(t("imports.pace", { rate: formatCount(pace, locale()) }));
  }
  return parts.join(" · ");
}
