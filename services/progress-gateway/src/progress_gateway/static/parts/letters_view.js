/** The list of dead letters with its filters, and what can be done with those chosen. */

import { formatCount, formatMoment } from "../model/format.js";
import { locale, t, textOr } from "../words/messages.js";
import { choiceList } from "./choice.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { opsNav } from "./ops_nav.js";

const STATES = ["open", "parked", "replaying", "healed", "replaced", "discarded"];
const TIMES = { 1: "letters.lastHour", 24: "letters.lastDay", 168: "letters.lastWeek" };
const COLUMNS = ["class", "state", "job", "chunk", "attempts", "failedAt"];
const NUMBERS = new Set(["chunk", "attempts"]);
const SHORT_ID = 8;

/** Return `{node, update(shown)}`; `asks`: `change`, `choose`, `more`, `again`, `replay`, `discard`. */
export function lettersView(asks) {
  const filters = lettersFilters(asks.change);
  const bar = actionBar(asks);
  const table = lettersTable(asks.choose);
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const none = el("p", { class: "empty empty-title", text: t("letters.none"), hidden: true });
  const total = el("p", { class: "quiet", role: "status" });
  const more = el("button", { class: "button", type: "button", text: t("imports.more") });
  more.addEventListener("click", () => more.getAttribute("aria-disabled") || asks.more());
  const node = el(
    "section",
    { class: "imports-page", "data-part": "ops-letters" },
    opsNav("#/ops/letters"),
    el("h1", { text: t("letters.title") }),
    filters.node,
    fault,
    bar.node,
    total,
    none,
    el("div", { class: "scroll" }, table.node),
    more,
  );
  return {
    node,
    update({ filter, page, classes, choice, fault: why, busy, nowMs }) {
      filters.update(filter, classes);
      setShown(fault, why !== null);
      setText(fault, why ?? "");
      const count = page.counts?.total ?? 0;
      setText(total, page.counts ? t("letters.total", { count }) : t("letters.loading"));
      setShown(none, page.counts !== null && page.letters.length === 0);
      setShown(table.node, page.letters.length > 0);
      table.update(page.letters, choice, nowMs);
      bar.update(choice, page);
      setShown(more, page.nextCursor !== null);
      // Busy is not disabled: the focus stays where it is
      setAttribute(more, "aria-disabled", busy ? "true" : null);
    },
  };
}

function lettersFilters(change) {
  const anyClass = { value: "", text: t("letters.anyClass") };
  const errorClass = choiceList("letters-class", t("letters.class"), [anyClass], (value) => change({ errorClass: value }));
  const state = choiceList("letters-state", t("letters.state"), [
    { value: "any", text: t("letters.anyState") },
    ...STATES.map((value) => ({ value, text: stateText(value) })),
  ], (value) => change({ state: value }));
  const hours = choiceList("letters-hours", t("letters.failedAt"), [
    { value: "", text: t("letters.anyTime") },
    ...Object.entries(TIMES).map(([value, key]) => ({ value, text: t(key) })),
  ], (value) => change({ hours: value }));
  const job = el("input", { id: "letters-job", type: "search", autocomplete: "off", spellcheck: "false", placeholder: t("letters.jobHint") });
  job.addEventListener("change", () => change({ jobId: job.value.trim() }));
  let offered = "";
  return {
    node: el(
      "form",
      { class: "filter-fields", role: "search", on: { submit: (event) => event.preventDefault() } },
      errorClass.node,
      state.node,
      hours.node,
      el("div", { class: "field compact grow" }, el("label", { for: "letters-job", text: t("letters.job") }), job),
    ),
    update(filter, classes) {
      const wanted = filter.errorClass;
      const all = wanted && !classes.includes(wanted) ? [...classes, wanted] : classes;
      if (all.join() !== offered) {
        offered = all.join();
        errorClass.offer([anyClass, ...all.map((value) => ({ value, text: value }))]);
      }
      errorClass.update(wanted);
      state.update(filter.state);
      hours.update(filter.hours);
      if (document.activeElement !== job) job.value = filter.jobId;
    },
  };
}

/** How many are chosen, all of the filter on request, and the two things to do with them. */
function actionBar(asks) {
  const text = el("span", { role: "status" });
  const all = el("button", { class: "button small", type: "button" });
  const replay = el("button", { class: "button small primary", type: "button", text: t("letters.replay"), on: { click: asks.replay } });
  const discard = el("button", { class: "button small", type: "button", text: t("letters.discard"), on: { click: asks.discard } });
  const node = el("div", { class: "action-bar", "data-part": "ops-actions" }, text, all, el("span", { class: "grow" }), replay, discard);
  let isAll = false;
  all.addEventListener("click", () => asks.choose({ chosen: new Set(), isAll: !isAll }));
  return {
    node,
    update(choice, { letters, counts }) {
      isAll = choice.isAll;
      const total = counts?.total ?? 0;
      const count = isAll ? total : choice.chosen.size;
      setShown(node, letters.length > 0);
      setText(text, count ? t("letters.chosen", { count }) : t("letters.noneChosen"));
      setText(all, isAll ? t("letters.chooseNone") : t("letters.chooseAll", { count: total }));
      replay.disabled = count === 0;
      discard.disabled = count === 0;
    },
  };
}

function lettersTable(choose) {
  const every = el("input", { type: "checkbox", "aria-label": t("letters.choosePage") });
  const heads = COLUMNS.map((name) => el("th", { scope: "col", role: "columnheader", class: NUMBERS.has(name) ? "number" : null, text: t(`letters.${name}`) }));
  const body = el("tbody", { role: "rowgroup" });
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, el("th", { scope: "col", role: "columnheader", class: "pick" }, every), ...heads));
  const node = el("table", { class: "list cards", role: "table" }, head, body);
  node.setAttribute("aria-label", t("letters.title"));
  let shown = null;
  let last = { letters: [], choice: null };
  every.addEventListener("change", () => {
    const ids = last.letters.map((letter) => letter.deadLetterId);
    choose({ chosen: new Set(every.checked ? ids : []), isAll: false });
  });
  const toggle = (id, on) => {
    const chosen = new Set(last.choice.isAll ? last.letters.map((letter) => letter.deadLetterId) : last.choice.chosen);
    if (on) chosen.add(id);
    else chosen.delete(id);
    choose({ chosen, isAll: false });
  };
  return {
    node,
    update(letters, choice, nowMs) {
      last = { letters, choice };
      if (shown !== letters) body.replaceChildren(...letters.map((letter) => letterRow(letter, toggle, nowMs)));
      shown = letters;
      const isChosen = (id) => choice.isAll || choice.chosen.has(id);
      for (const box of body.querySelectorAll("input")) box.checked = isChosen(Number(box.value));
      every.checked = letters.length > 0 && letters.every((letter) => isChosen(letter.deadLetterId));
    },
  };
}

function letterRow(letter, toggle, nowMs) {
  const { deadLetterId: id, errorClass, jobId, chunkNo, attempts, lastFailedAt } = letter;
  const box = el("input", { type: "checkbox", value: id, "aria-label": t("letters.choose", { id }) });
  box.addEventListener("change", () => toggle(id, box.checked));
  const cell = (name, attributes, ...children) => el("td", { role: "cell", "data-label": t(`letters.${name}`), ...attributes }, ...children);
  const job = jobId ? el("a", { href: `#/jobs/${jobId}`, text: jobId.slice(0, SHORT_ID) }) : t("letters.noJob");
  return el(
    "tr",
    { role: "row" },
    el("td", { role: "cell", class: "pick" }, box),
    el("td", { role: "cell", class: "file" }, el("a", { class: "row-link code", href: `#/ops/letters/${id}`, text: errorClass }), el("p", { class: "quiet small-text clamp", text: letter.errorMessage })),
    cell("state", {}, stateBadge(letter.state)),
    cell("job", { class: "code" }, job),
    cell("chunk", { class: "number", text: chunkNo === null ? "–" : formatCount(chunkNo, locale()) }),
    cell("attempts", { class: "number", text: formatCount(attempts, locale()) }),
    cell("failedAt", { class: "moment", text: formatMoment(lastFailedAt, nowMs, locale()) }),
  );
}

const TONES = { open: "bad", parked: "warned", healed: "good", replaying: "" };

/** Return the badge of a letter's state. */
export function stateBadge(state) {
  const badge = el("span", { text: stateText(state) });
  setAttribute(badge, "class", `badge ${TONES[state] ?? "calm"}`.trim());
  return badge;
}

function stateText(state) {
  return textOr(`letterState.${state}`, state);
}
