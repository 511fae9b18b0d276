/** The newest few of my imports, below the form of a new one. */

import { listJobs } from "../outside/lists_api.js";
import { formatMoment } from "../model/format.js";
import { isTerminal, toneOf } from "../model/snapshot.js";
import { locale, statusText, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setShown, setText } from "./dom.js";

const REFRESH_MS = 4_000;
const RECENT = 5;

/** Return `{node, load(), stop()}`; it loads itself, again while something runs until a session ends. */
export function importsList(onError) {
  const list = el("ul", { class: "recent" });
  const none = el("p", { class: "quiet", text: t("imports.none"), hidden: true });
  const fault = el("p", { class: "fault", hidden: true });
  const node = el(
    "section",
    { class: "imports", "data-part": "recent" },
    el(
      "div",
      { class: "split" },
      el("h2", { text: t("imports.recent") }),
      el("a", { href: "#/jobs", text: t("imports.all") }),
    ),
    none,
    list,
    fault,
  );
  let timer = null;
  let stopped = false;
  const load = async () => {
    clearTimeout(timer);
    let runs = true;
    try {
      const { jobs } = await listJobs({ scope: "mine", limit: RECENT });
      if (stopped) return;
      list.replaceChildren(...jobs.map(row));
      setShown(none, jobs.length === 0);
      setShown(fault, false);
      runs = jobs.some((job) => !isTerminal(job.status));
    } catch (error) {
      if (stopped || onError(error)) return;
      setText(fault, textOfError(error));
      setShown(fault, true);
    }
    clearTimeout(timer);
    if (runs) timer = setTimeout(load, REFRESH_MS);
  };
  load();
  return {
    node,
    load,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function row(job) {
  const badge = { class: `badge ${toneOf(job.status, job)}`, text: statusText(job.status) };
  const rows = t("imports.rowsOf", { count: job.processedRows, target: job.target });
  return el(
    "li",
    {},
    el("a", { class: "row-link", href: `#/jobs/${job.jobId}`, text: job.fileName }),
    el("span", { class: "quiet", text: rows }),
    el("span", badge),
    el("span", { class: "quiet moment", text: formatMoment(job.createdAt, Date.now(), locale()) }),
  );
}
