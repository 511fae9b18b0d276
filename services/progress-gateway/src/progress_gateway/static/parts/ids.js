/** The ids of the newest rows. */

import { el, setShown } from "./dom.js";
import { t } from "../words/messages.js";

const SHOWN_IDS = 24;

/** Return `{node, update(state)}`: ids are names, so they get no thousands separators. */
export function idsCard() {
  const list = el("ul", { class: "ids" });
  const none = el("p", { class: "quiet", text: t("run.idsNone") });
  const node = el(
    "section",
    { class: "card ids-card", "data-part": "ids", "aria-labelledby": "ids-title" },
    el("h2", { id: "ids-title", text: t("run.ids") }),
    none,
    list,
  );
  let drawn = null;
  return {
    node,
    update({ snapshot, right }) {
      const ids = snapshot?.data.insertedIds ?? [];
      // Ids hold values of cells: a viewer gets none, and an import that is over tells none
      setShown(node, right !== "view" && (ids.length > 0 || snapshot?.status === "processing"));
      if (ids === drawn) return;
      drawn = ids;
      setShown(none, !ids.length);
      const newest = ids.slice(-SHOWN_IDS).reverse();
      list.replaceChildren(...newest.map((id) => el("li", { text: String(id) })));
    },
  };
}
