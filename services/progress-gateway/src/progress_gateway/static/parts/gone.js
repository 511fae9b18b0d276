/** An import that cannot be shown: erased, unknown, somebody else's, or shared no more. */

import { el } from "./dom.js";
import { t } from "../words/messages.js";

/** Return the card for a refusal; `wasSeen`: the import was on this page until now. */
export function goneCard(status, wasSeen) {
  const kind = status === 404 ? (wasSeen ? "erased" : "unknown") : wasSeen ? "revoked" : "foreign";
  const texts = {
    erased: ["gone.erased", "gone.erasedWhy"],
    unknown: ["gone.unknown", "gone.unknownWhy"],
    revoked: ["gone.revoked", "gone.revokedWhy"],
    foreign: ["gone.foreign", "gone.foreignWhy"],
  };
  const [title, why] = texts[kind];
  const heading = el("h1", { tabindex: -1, text: t(title) });
  const node = el(
    "section",
    { class: "card gone", "data-part": "gone", role: "alert" },
    heading,
    el("p", { class: "lead", text: t(why) }),
    el(
      "div",
      { class: "controls" },
      el("a", { class: "button primary", href: "#/jobs", text: t("gone.toImports") }),
      el("a", { class: "button", href: "#/", text: t("gone.toNew") }),
    ),
  );
  return { node, title: t(title), focus: () => heading.focus() };
}
