/** The page of an address that is none of ours, or not for whoever asks. */

import { el } from "../parts/dom.js";
import { t } from "../words/messages.js";

/** Return `{nodes, stop()}`. */
export function unknownPage({ isForOthers = false } = {}) {
  const node = el(
    "section",
    { class: "card notice", "data-part": "unknown" },
    el("h1", { text: t(isForOthers ? "unknown.operatorsTitle" : "unknown.title") }),
    el("p", { text: t(isForOthers ? "unknown.operators" : "unknown.text") }),
    el("a", { class: "button", href: "#/jobs", text: t("unknown.imports") }),
  );
  return { nodes: [node], stop() {} };
}
