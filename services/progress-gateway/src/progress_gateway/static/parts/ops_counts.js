/** Jobs by state, open streams, and dead letters by class with how many came of late. */

import { formatCount } from "../model/format.js";
import { changeOf } from "../model/ops.js";
import { hashOf } from "../model/routes.js";
import { locale, statusText, t } from "../words/messages.js";
import { el, setShown, setText, svg } from "./dom.js";

const HOURS = { width: 120, height: 28 };

/** Return `{node, update(facts)}`. */
export function jobsBlock() {
  const list = el("ul", { class: "job-counts plain" });
  const none = el("p", { class: "quiet", text: t("ops.noJobs") });
  const streams = el("p", { class: "small-text quiet" });
  const node = el(
    "section",
    { class: "ops-block", "data-part": "ops-jobs" },
    el("div", { class: "split" }, el("h2", { text: t("ops.jobs") }), el("a", { href: hashOf("#/jobs", { scope: "all", status: "running" }), text: t("ops.allJobs") })),
    none,
    list,
    streams,
  );
  return {
    node,
    update({ jobs, openStreams }) {
      const counts = Object.entries(jobs);
      setShown(none, counts.length === 0);
      list.replaceChildren(...counts.map(([status, count]) => el(
        "li",
        {},
        el("strong", { text: formatCount(count, locale()) }),
        " ",
        statusText(status),
      )));
      const known = typeof openStreams === "number";
      setText(streams, known ? t("ops.streams", { count: openStreams }) : t("ops.streamsUnknown"));
    },
  };
}

/** Return `{node, update(facts)}`. */
export function classesBlock() {
  const body = el("tbody");
  const none = el("p", { class: "quiet", text: t("ops.noLetters") });
  const names = ["class", "open", "parked", "hours"];
  const heads = names.map((name) => el("th", { scope: "col", class: NUMBERS.has(name) ? "number" : null, text: t(`letters.${name}`) }));
  const table = el("table", { class: "list" }, el("thead", {}, el("tr", {}, ...heads)), body);
  table.setAttribute("aria-label", t("ops.classes"));
  const node = el(
    "section",
    { class: "ops-block", "data-part": "ops-classes" },
    el("div", { class: "split" }, el("h2", { text: t("ops.classes") }), el("a", { href: "#/ops/letters", text: t("ops.allLetters") })),
    none,
    el("div", { class: "scroll" }, table),
  );
  return {
    node,
    update({ deadLetters }) {
      setShown(none, deadLetters.length === 0);
      setShown(table, deadLetters.length > 0);
      body.replaceChildren(...deadLetters.map(classRow));
    },
  };
}

const NUMBERS = new Set(["open", "parked"]);

function classRow({ errorClass, open, parked, hours }) {
  const link = el("a", { href: hashOf("#/ops/letters", { errorClass }), text: errorClass });
  return el(
    "tr",
    {},
    el("th", { scope: "row", class: "code" }, link),
    el("td", { class: open ? "number warn-text" : "number", text: formatCount(open, locale()) }),
    el("td", { class: "number", text: formatCount(parked, locale()) }),
    el("td", {}, hoursChart(hours), el("span", { class: "quiet small-text", text: changeText(hours) })),
  );
}

function changeText(hours) {
  const { lately, before } = changeOf(hours);
  if (!lately && !before) return t("letters.quiet");
  return t("letters.change", { lately, before });
}

function hoursChart(hours) {
  const step = HOURS.width / hours.length;
  const highest = Math.max(1, ...hours);
  const bars = hours.map((count, at) => {
    const height = count ? Math.max(2, (count / highest) * HOURS.height) : 1;
    return svg("rect", {
      class: count ? "hour-bar" : "hour-none", x: at * step, width: step - 1,
      y: HOURS.height - height, height,
    });
  });
  return svg("svg", { class: "hours", viewBox: `0 0 ${HOURS.width} ${HOURS.height}`, "aria-hidden": "true" }, ...bars);
}
