/** The way between the pages of operations. */

import { t } from "../words/messages.js";
import { el } from "./dom.js";

const PAGES = { "#/ops": "ops.overview", "#/ops/letters": "ops.letters", "#/ops/audit": "ops.audit" };

/** Return the links; `current` is the address of the page one is on. */
export function opsNav(current) {
  const links = Object.entries(PAGES).map(([hash, key]) =>
    el("a", { href: hash, "aria-current": hash === current ? "page" : null, text: t(key) }),
  );
  const node = el("nav", { class: "ops-nav" }, ...links);
  node.setAttribute("aria-label", t("nav.ops"));
  return node;
}
