/** The whole list of imports: its filters, its table, and what is to be said instead of one. */

import { t } from "../words/messages.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { importsFilters } from "./imports_filters.js";
import { importsTable } from "./imports_table.js";

const LINKS = {
  connecting: "link.connecting",
  live: "link.live",
  reconnecting: "link.reconnecting",
  asking: "imports.asking",
};

/** Return `{node, update(shown), offerTargets(names), stop()}`. */
export function importsView({ withAll }, asks) {
  const filters = importsFilters({ withAll }, asks.change);
  const table = importsTable(asks);
  const badge = el("span", { class: "link-badge", "data-part": "badge-link", role: "status" });
  const none = emptyState();
  const loading = skeleton();
  const fault = faultLine(asks.again);
  const more = el("button", { class: "button", type: "button", text: t("imports.more"), hidden: true });
  more.addEventListener("click", () => more.getAttribute("aria-disabled") || asks.more());
  const scroll = el("div", { class: "scroll" }, table.node);
  const node = el(
    "section",
    { class: "imports-page", "data-part": "imports" },
    el("div", { class: "split" }, el("h1", { text: t("imports.title") }), badge),
    filters.node,
    fault.node,
    none.node,
    loading,
    scroll,
    more,
  );
  return {
    node,
    offerTargets: filters.offerTargets,
    stop: filters.stop,
    update({ list, jobs, filter, fault: why, link, busy, nowMs }) {
      filters.update(filter);
      table.update(jobs, nowMs, { withOwner: filter.scope !== "mine" });
      setText(badge, t(LINKS[link]));
      setAttribute(badge, "class", `link-badge ${link}`);
      setShown(scroll, jobs.length > 0);
      setShown(loading, !list.isLoaded && why === null);
      setShown(more, list.nextCursor !== null);
      // Busy is not disabled: the focus stays where it is
      setAttribute(more, "aria-disabled", busy ? "true" : null);
      none.update(list, jobs, filter);
      fault.update(why);
      setAttribute(node, "aria-busy", !list.isLoaded && why === null);
    },
  };
}

/** Nothing at all, or nothing that the filter lets through: two things to say. */
function emptyState() {
  const text = el("p", { class: "empty-title" });
  const hint = el("p", { class: "quiet" });
  const start = el("a", { class: "button primary", href: "#/", text: t("imports.first") });
  const node = el("div", { class: "empty", hidden: true }, el("img", { src: "/static/sheet.svg", alt: "", width: 56, height: 56 }), text, hint, start);
  return {
    node,
    update(list, jobs, { scope, status, target, q }) {
      setShown(node, list.isLoaded && jobs.length === 0);
      const isNarrowed = Boolean(status || target || q);
      const isMine = scope === "mine" && !isNarrowed;
      setText(text, t(isNarrowed ? "imports.noneFound" : isMine ? "imports.none" : "imports.noneShared"));
      setText(hint, isNarrowed ? t("imports.noneFoundHint") : isMine ? t("imports.noneHint") : t("imports.noneSharedHint"));
      setShown(start, isMine);
    },
  };
}

function skeleton() {
  const rows = [70, 55, 62].map(() => el("div", { class: "skeleton-row" }));
  return el("div", { class: "skeleton", hidden: true }, el("p", { class: "quiet", text: t("imports.loading") }), ...rows);
}

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
