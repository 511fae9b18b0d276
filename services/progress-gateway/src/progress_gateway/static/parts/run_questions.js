/** What is asked before something cannot be taken back: what stays, and how many rows it is. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { t } from "../words/messages.js";

/** Ask whether to cancel; `act()` does it. */
export function askToCancel({ data }, act) {
  const stays = data.successRows ? t("cancel.stays", { count: data.successRows }) : t("cancel.nothing");
  const written = data.dryRun ? t("cancel.dryStays") : stays;
  return openDialog({
    title: t("cancel.title"),
    body: [
      el("p", { text: written }),
      el("p", { text: t("cancel.rest") }),
    ],
    confirm: { text: t("run.cancel"), busy: t("run.cancelling"), danger: true },
    leave: t("cancel.leave"),
    act,
  });
}

/** Ask whether to undo, by the typed word; `act()` does it. */
export function askToUndo({ data }, fileName, act) {
  const { insertedRows = 0, updatedRows = 0, skippedRows = 0 } = data;
  const counts = [
    insertedRows > 0 && t("askUndo.inserted", { count: insertedRows }),
    updatedRows > 0 && t("askUndo.updated", { count: updatedRows }),
    skippedRows > 0 && t("askUndo.skipped", { count: skippedRows }),
  ].filter(Boolean);
  return openDialog({
    title: t("askUndo.title", { name: fileName }),
    body: [
      el("ul", { class: "plain-list" }, ...counts.map((text) => el("li", { text }))),
      el("p", { text: t("askUndo.stays") }),
    ],
    confirm: { text: t("run.undo"), busy: t("run.undoing"), danger: true },
    typed: t("askUndo.word"),
    act,
  });
}

/** Show a link to copy by hand, where the browser gives no clipboard. */
export function showLink(address) {
  const field = el("input", { id: "link-field", readonly: true, value: address });
  const label = el("label", { for: "link-field", text: t("run.linkByHand") });
  openDialog({ title: t("run.copyLink"), body: [el("div", { class: "field" }, label, field)] });
  field.select();
}
