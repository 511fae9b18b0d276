/** The header's navigation: where one can go, who is signed in, and the way out. */

import { sectionsFor } from "../model/routes.js";
import { t } from "../words/messages.js";
import { el } from "./dom.js";

const NAMES = { new: "nav.new", imports: "nav.imports", ops: "nav.ops" };

/** Return the nodes of the navigation for a user on a route; `leave()` signs out. */
export function topNav(user, route, leave) {
  const links = sectionsFor(user, route).map(({ name, hash, isCurrent }) =>
    el("a", { href: hash, "aria-current": isCurrent ? "page" : null, text: t(NAMES[name]) }),
  );
  return [
    el("div", { class: "sections" }, ...links),
    el("span", { class: "quiet who", text: t("nav.signedInAs", { username: user.username }) }),
    el("button", { class: "button small", type: "button", text: t("nav.signOut"), on: { click: leave } }),
  ];
}
