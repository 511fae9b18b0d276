/** Mappings under a name: those that were saved for such a file, and this one to be saved. */

import { formatMoment } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const MAX_NAME = 100;

/** Return `{offered, saving, update(plan)}`, two nodes; `does`: `use(name, target)`, `save(name)` promises. */
export function savedMappings(does) {
  const buttons = el("span", { class: "controls" });
  const offered = el("div", { class: "saved-offer", hidden: true }, el("span", { class: "quiet", text: t("map.savedOffer") }), buttons);
  const saving = savingForm(does);
  let shown = null;
  return {
    offered,
    saving: saving.node,
    update(plan) {
      const used = usedName(plan);
      const made = JSON.stringify([plan.preview.savedMappings, used]);
      setShown(offered, plan.preview.savedMappings.length > 0);
      if (made !== shown) {
        shown = made;
        buttons.replaceChildren(...plan.preview.savedMappings.map((one) => useButton(one, used, does)));
      }
      saving.update(plan);
    },
  };
}

function usedName({ choices, preview }) {
  if (choices.mapping.kind === "own") return null;
  return choices.mapping.kind === "saved" ? choices.mapping.name : preview.suggestedMapping.mappingName;
}

function useButton({ name, target, savedAt }, used, does) {
  const isUsed = name === used;
  const when = formatMoment(savedAt, Date.now(), locale());
  const text = isUsed ? t("map.used", { name }) : t("map.use", { name, when });
  const node = el("button", { class: "button small", type: "button", text, "aria-pressed": String(isUsed) });
  node.addEventListener("click", () => isUsed || does.use(name, target));
  return node;
}

function savingForm(does) {
  const input = el("input", { id: "mapping-name", maxlength: MAX_NAME, autocomplete: "off", pattern: "[^\\/\\\\]+" });
  const save = el("button", { class: "button small", type: "submit", text: t("map.save") });
  const told = el("p", { role: "status", hidden: true });
  const node = el(
    "form",
    { class: "saving" },
    el("label", { for: "mapping-name", text: t("map.saveName") }),
    el("div", { class: "with-unit" }, input, save),
    told,
  );
  const tell = (text, name) => {
    setText(told, text);
    setAttribute(told, "class", name);
    setShown(told, text !== "");
  };
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!name || save.getAttribute("aria-disabled")) return;
    setAttribute(save, "aria-disabled", "true"); // and not disabled: the focus stays where it is
    tell(t("map.saving"), "quiet");
    try {
      await does.save(name);
      tell(t("map.saved", { name }), "callout good");
    } catch (error) {
      tell(textOfError(error), "fault");
    } finally {
      setAttribute(save, "aria-disabled", null);
    }
  });
  let columns = null;
  return {
    node,
    update({ choices }) {
      if (columns !== null && columns !== choices.mapping && choices.mapping.kind === "own") tell("", "quiet");
      columns = choices.mapping;
    },
  };
}
