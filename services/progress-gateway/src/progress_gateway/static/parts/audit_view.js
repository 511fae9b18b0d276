/** A list of who did what, as it is seen. */

import { formatMoment } from "../model/format.js";
import { locale, t, textOr } from "../words/messages.js";
import { choiceList } from "./choice.js";
import { el, setShown, setText } from "./dom.js";
import { opsNav } from "./ops_nav.js";

export const ACTIONS = [
  "job_created", "job_accessed", "job_downloaded", "job_shared", "job_controlled", "job_undone",
  "job_erased", "unauthorized_access", "signed_in", "sign_in_failed", "signed_out", "dlq_viewed",
  "dlq_replayed", "dlq_discarded", "dlq_resumed", "audit_forgotten",
];
const SHORT_ID = 8;

/** Return `{node, update(shown), narrowed(filter), name(fileName)}`; `asks`: `more`, `again`, `change`. */
export function auditView({ jobId, filter }, asks) {
  const isOfJob = jobId !== null;
  const filters = isOfJob ? null : auditFilters(asks.change);
  filters?.update(filter);
  const names = ["at", "action", "user", ...(isOfJob ? [] : ["job"]), "ip", "details"];
  const body = el("tbody", { role: "rowgroup" });
  const heads = names.map((name) => el("th", { scope: "col", role: "columnheader", text: t(`audit.${name}`) }));
  const table = el("table", { class: "list cards audit", role: "table" }, el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)), body);
  table.setAttribute("aria-label", t("audit.title"));
  const file = el("p", { class: "quiet" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const none = el("p", { class: "empty empty-title", text: t("audit.none"), hidden: true });
  const loading = el("p", { class: "quiet", text: t("audit.loading") });
  const more = el("button", { class: "button", type: "button", text: t("imports.more"), hidden: true, on: { click: asks.more } });
  const node = el(
    "section",
    { class: "imports-page", "data-part": isOfJob ? "audit" : "ops-audit" },
    isOfJob ? el("a", { href: `#/jobs/${jobId}`, text: t("audit.back") }) : opsNav("#/ops/audit"),
    el("h1", { text: t("audit.title") }),
    file,
    filters?.node,
    fault,
    loading,
    none,
    el("div", { class: "scroll" }, table),
    more,
  );
  return {
    node,
    name: (fileName) => setText(file, fileName),
    narrowed: (now) => filters?.update(now),
    update({ entries, hasMore, fault: why, nowMs }) {
      setShown(loading, false);
      setShown(fault, why !== null);
      setText(fault, why ?? "");
      setShown(none, entries !== null && entries.length === 0);
      setShown(table, Boolean(entries?.length));
      setShown(more, hasMore);
      body.replaceChildren(...(entries ?? []).map((entry) => entryRow(entry, isOfJob, nowMs)));
    },
  };
}

function auditFilters(change) {
  const action = choiceList("audit-action", t("audit.action"), [
    { value: "", text: t("audit.anyAction") },
    ...ACTIONS.map((value) => ({ value, text: actionText(value) })),
  ], (value) => change({ action: value }));
  const fields = {
    jobId: textField("jobId", t("audit.job"), "search", change),
    userId: textField("userId", t("audit.userId"), "search", change),
    since: textField("since", t("audit.since"), "date", change),
    until: textField("until", t("audit.until"), "date", change),
  };
  const nodes = Object.values(fields).map((field) => field.node);
  return {
    node: el("form", { class: "filter-fields", role: "search", on: { submit: (event) => event.preventDefault() } }, action.node, ...nodes),
    update(filter) {
      action.update(filter.action);
      for (const [name, field] of Object.entries(fields)) field.update(filter[name]);
    },
  };
}

function textField(name, label, type, change) {
  const id = `audit-${name}`;
  const input = el("input", { id, type, autocomplete: "off", spellcheck: "false", on: { change: () => change({ [name]: input.value.trim() }) } });
  return {
    node: el("div", { class: "field compact" }, el("label", { for: id, text: label }), input),
    update: (value) => {
      if (document.activeElement !== input) input.value = value;
    },
  };
}

function entryRow({ at, action, username, userId, jobId, ip, details }, isOfJob, nowMs) {
  const cell = (name, attributes, ...children) => el("td", { role: "cell", "data-label": t(`audit.${name}`), ...attributes }, ...children);
  const who = username ?? userId?.slice(0, SHORT_ID) ?? t("audit.nobody");
  const job = jobId ? el("a", { class: "code", href: `#/jobs/${jobId}`, text: jobId.slice(0, SHORT_ID) }) : "–";
  return el(
    "tr",
    { role: "row" },
    cell("at", { class: "moment", text: formatMoment(at, nowMs, locale()) }),
    cell("action", { class: "action", text: actionText(action) }),
    cell("user", { title: userId, text: who }),
    isOfJob ? null : cell("job", {}, job),
    cell("ip", { class: "code", text: ip ?? "–" }),
    cell("details", { class: "quiet-cell small-text details", text: detailsText(details) }),
  );
}

function actionText(action) {
  return textOr(`action.${action}`, action);
}

function detailsText(details) {
  const shown = Object.entries(details).map(([name, value]) => {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    return `${name}: ${text}`;
  });
  return shown.join(" · ") || "–";
}
