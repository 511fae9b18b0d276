/** The list of my imports, newest first. */

import { jobs } from "../outside/api.js";
import { el, setShown, setText } from "./dom.js";
import { formatCount, formatMoment } from "../model/format.js";
import { locale, statusText, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { isTerminal, toneOf } from "../model/snapshot.js";

const REFRESH_MS = 4_000;
const RECENT = 5;

/**
 * Return `{node, stop()}`; it loads itself, again while something runs. `isRecent`: only the
 * newest few, with the way to the page of all of them.
 */
export function importsList(onError, { isRecent = false } = {}) {
  const body = el("tbody");
  const none = el("p", { class: "quiet", text: t("imports.none"), hidden: true });
  const table = el("table", { class: "list", hidden: true }, head(), body);
  const more = el("button", { class: "button", type: "button", text: t("imports.more"), hidden: true });
  const fault = el("p", { class: "fault", hidden: true });
  const node = el(
    "section",
    { class: "imports" },
    isRecent ? el("h2", { text: t("imports.recent") }) : el("h1", { text: t("imports.title") }),
    none,
    el("div", { class: "scroll" }, table),
    more,
    fault,
    isRecent ? el("a", { href: "#/jobs", text: t("imports.all") }) : null,
  );
  let next = null;
  let timer = null;
  let stopped = false;
  let hasMore = false;

  const show = (page, isFirst) => {
    const rows = page.jobs.slice(0, isRecent ? RECENT : undefined).map(row);
    if (isFirst) body.replaceChildren(...rows);
    else body.append(...rows);
    next = page.nextCursor;
    setShown(more, next !== null && !isRecent);
    setShown(table, body.children.length > 0);
    setShown(none, body.children.length === 0);
  };
  const load = async (cursor) => {
    try {
      const page = await jobs(cursor);
      if (stopped) return;
      setShown(fault, false);
      show(page, cursor === null);
      hasMore = hasMore || cursor !== null;
      // A list opened further stays as it is: a refresh would fold it up again
      const runs = page.jobs.some((job) => !isTerminal(job.status));
      if (runs && !hasMore) timer = setTimeout(refresh, REFRESH_MS);
    } catch (error) {
      if (stopped || onError(error)) return;
      setText(fault, textOfError(error));
      setShown(fault, true);
      timer = setTimeout(refresh, REFRESH_MS);
    }
  };
  const refresh = () => {
    if (!hasMore) load(null);
  };
  more.addEventListener("click", () => {
    clearTimeout(timer);
    load(next);
  });
  load(null);
  return {
    node,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function head() {
  const classes = { rows: "number", failed: "number", started: "moment" };
  const cells = ["file", "target", "status", "rows", "failed", "started"].map((name) =>
    el("th", { scope: "col", class: classes[name], text: t(`imports.${name}`) }),
  );
  return el("thead", {}, el("tr", {}, ...cells));
}

function row(job) {
  const link = el("a", { href: `#/jobs/${job.jobId}`, text: job.fileName });
  const badge = el("span", {
    class: `badge ${toneOf(job.status, job.failedRows)}`,
    text: statusText(job.status),
  });
  const failed = job.failedRows ? formatCount(job.failedRows, locale()) : "0";
  return el(
    "tr",
    {},
    el("td", { class: "file" }, link),
    el("td", { text: job.target }),
    el("td", {}, badge),
    el("td", { class: "number", text: formatCount(job.processedRows, locale()) }),
    el("td", { class: job.failedRows ? "number warn-text" : "number", text: failed }),
    el("td", { class: "moment", text: formatMoment(job.createdAt, Date.now(), locale()) }),
  );
}
