/** What the list of imports is narrowed by: whose, which status, which target, which name. */

import { STATUSES } from "../model/jobs_list.js";
import { t } from "../words/messages.js";
import { choiceButtons, choiceList } from "./choice.js";
import { el } from "./dom.js";

const TYPED_AFTER_MS = 300;
const SCOPES = { mine: "imports.mine", shared: "imports.shared", all: "imports.everybodys" };
const GROUPS = {
  running: "imports.running",
  completed: "imports.completed",
  problems: "imports.problems",
  stopped: "imports.stopped",
};

/**
 * Return `{node, update(filter), offerTargets(names), stop()}`; `change(part)` gets what was
 * changed of `{scope, status, target, q}`.
 */
export function importsFilters({ withAll }, change) {
  const scopes = Object.keys(SCOPES).filter((name) => name !== "all" || withAll);
  const scope = choiceButtons(
    t("imports.whose"),
    scopes.map((value) => ({ value, text: t(SCOPES[value]) })),
    (value) => change({ scope: value }),
  );
  const status = choiceList("imports-status", t("imports.status"), [
    { value: "", text: t("imports.anyStatus") },
    ...Object.keys(STATUSES).map((value) => ({ value, text: t(GROUPS[value]) })),
  ], (value) => change({ status: value }));
  const anyTarget = { value: "", text: t("imports.anyTarget") };
  const target = choiceList("imports-target", t("imports.target"), [anyTarget], (value) => change({ target: value }));
  const name = searchField((value) => change({ q: value }));
  let wanted = "";
  return {
    node: el(
      "div",
      { class: "filters" },
      scope.node,
      el("form", { class: "filter-fields", role: "search", on: { submit: (event) => event.preventDefault() } }, name.node, status.node, target.node),
    ),
    update(filter) {
      scope.update(filter.scope);
      status.update(filter.status);
      target.update(filter.target);
      wanted = filter.target;
      name.update(filter.q);
    },
    offerTargets(names) {
      // One that is gone by now is still what the address asks for
      const all = wanted && !names.includes(wanted) ? [...names, wanted] : names;
      target.offer([anyTarget, ...all.map((each) => ({ value: each, text: each }))]);
      target.update(wanted);
    },
    stop: name.stop,
  };
}

function searchField(change) {
  const input = el("input", { id: "imports-q", type: "search", autocomplete: "off", placeholder: t("imports.nameHint") });
  let timer = null;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const typed = input.value.trim(); // by then the page may have filled in another
    timer = setTimeout(() => change(typed), TYPED_AFTER_MS);
  });
  return {
    node: el("div", { class: "field compact grow" }, el("label", { for: "imports-q", text: t("imports.name") }), input),
    update: (value) => {
      if (document.activeElement !== input) input.value = value;
    },
    stop: () => clearTimeout(timer),
  };
}
