/** Where the rows go, and how: target, what becomes of rows that exist, how many may be bad. */

import { templateAddress } from "../outside/api.js";
import { isTyped, targetsByFit } from "../model/columns.js";
import { formatPercent } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { el, setShown } from "./dom.js";
import { labelledSelect } from "./select.js";

const TEMPLATES = 6;
const MODES = { insert: "upload.insert", upsert: "upload.upsert", skip_existing: "upload.skip" };

/**
 * Return `{node, check(), update(plan, offer)}`; `does`: `change(choices)`, `set(choices)`. `check()`
 * tells whether what was typed can be taken, and says at its place what cannot.
 */
export function importOptions(does) {
  const target = labelledSelect("target", t("upload.target"), (name) => does.change({ target: name || null }));
  const templates = el("p", { class: "templates" });
  const mode = labelledSelect("mode", t("upload.mode"), (value) => does.set({ mode: value }));
  const most = mostErrors(does);
  const none = el("p", { class: "fault", text: t("upload.noTargets"), hidden: true });
  const node = el(
    "div",
    { class: "card options", "data-part": "options" },
    none,
    el("div", { class: "field-row" }, target.row, mode.row, most.row),
    templates,
  );
  return {
    node,
    check: most.check,
    update(plan, offer) {
      const targets = offer?.targets ?? [];
      const isKnown = plan.preview !== null;
      const chosen = plan.choices.target ?? (isKnown ? plan.preview.target : null);
      const one = targets.find(({ name }) => name === chosen) ?? null;
      setShown(none, offer !== null && targets.length === 0);
      target.show(targetOptions(plan, targets), chosen);
      for (const more of [mode.row, most.row]) setShown(more, isKnown);
      mode.show(modeOptions(one), plan.choices.mode === one?.mode ? "" : plan.choices.mode);
      most.update(plan);
      showTemplates(templates, one === null ? targets : [one]);
    },
  };
}

/** Only a target with fields of its own has headers to begin with. */
function showTemplates(node, targets) {
  const names = targets.filter(isTyped).slice(0, TEMPLATES).map(({ name }) => name);
  setShown(node, names.length > 0);
  if (node.sluiceNames === names.join("/")) return;
  node.sluiceNames = names.join("/");
  const links = names.map((name) =>
    el("a", { href: templateAddress(name), download: "", text: t("upload.template", { name }) }),
  );
  node.replaceChildren(...links);
}

function targetOptions(plan, targets) {
  const named = targetsByFit(plan, targets).map(({ name, score }) => {
    const isOpen = !isTyped(targets.find((target) => target.name === name));
    const percent = formatPercent(100 * (score ?? 0), locale());
    const text = isOpen ? t("upload.anyTable", { name }) : score === null ? name : t("upload.fits", { name, percent });
    return [name, text];
  });
  return plan.preview === null && named.length ? [["", t("upload.bestFit")], ...named] : named;
}

/** Rows are found by a key: a target without one can only insert. */
function modeOptions(target) {
  const own = target?.mode ?? "insert";
  const hasKey = (target?.definition.key ?? []).length > 0;
  const others = hasKey ? Object.keys(MODES).filter((name) => name !== own) : [];
  return [["", t("upload.modeOfTarget", { mode: t(MODES[own]) })], ...others.map((name) => [name, t(MODES[name])])];
}

function mostErrors(does) {
  const input = el("input", {
    id: "max-errors", type: "number", min: 0, max: 100, step: "any", inputmode: "decimal", "aria-describedby": "max-errors-hint",
  });
  // What is no share stays to be mended: without it the import would run without a limit
  input.addEventListener("change", () => input.reportValidity() && does.set({ maxErrorPercent: input.value }));
  const row = el(
    "div",
    { class: "field" },
    el("label", { for: "max-errors", text: t("upload.maxErrors") }),
    el("div", { class: "with-unit" }, input, el("span", { class: "quiet", id: "max-errors-hint", text: t("upload.maxErrorsHint") })),
  );
  return {
    row,
    check: () => input.reportValidity(),
    update({ choices }) {
      if (!input.validity.valid || document.activeElement === input) return;
      if (input.value !== choices.maxErrorPercent) input.value = choices.maxErrorPercent;
    },
  };
}
