/** The switches in the header: the language, and the theme. */

import { chooseTheme, THEMES, theme } from "../outside/preferences.js";
import { languages, spoken, t } from "../words/messages.js";
import { el, setAttribute, setText, svg } from "./dom.js";

const ICONS = {
  auto: "M0 0h12v24H0z",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
};

/** Return `{node, update(), tell(text)}`; `speak(code)` is called with the language that was chosen. */
export function preferenceSwitches(speak) {
  const choices = languages().map(({ code, name }) => ({
    code,
    node: el("button", {
      class: "choice",
      type: "button",
      lang: code,
      title: name,
      "aria-label": name,
      text: code.toUpperCase(),
      on: { click: () => speak(code) },
    }),
  }));
  const group = el("div", { class: "choices", role: "group" }, ...choices.map(({ node }) => node));
  const shades = themeButton();
  const told = el("span", { class: "quiet", role: "status" });
  return {
    node: el("div", { class: "preferences", id: "preferences" }, told, group, shades.node),
    tell: (text) => setText(told, text),
    update() {
      setText(told, "");
      setAttribute(group, "aria-label", t("language.label"));
      for (const { code, node } of choices) setAttribute(node, "aria-pressed", code === spoken());
      shades.update();
    },
  };
}

function themeButton() {
  const path = svg("path", { d: ICONS.auto });
  const icon = svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, path);
  const update = () => {
    const name = theme();
    setAttribute(path, "d", ICONS[name]);
    setAttribute(icon, "class", `icon ${name}`);
    for (const told of ["aria-label", "title"]) setAttribute(node, told, t(`theme.${name}`));
  };
  const next = () => {
    chooseTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    update();
  };
  const node = el("button", { class: "choice", type: "button", on: { click: next } }, icon);
  return { node, update };
}
