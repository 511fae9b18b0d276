/** How a file is imported: what becomes of rows that exist, and whether anything is written. */

import { el } from "./dom.js";
import { t } from "../words/messages.js";

const MODES = {
  "": "upload.modeOfTarget",
  insert: "upload.insert",
  upsert: "upload.upsert",
  skip_existing: "upload.skip",
};

/** Return `{nodes, fields()}`: the form's controls, and what they say as the upload's fields. */
export function importOptions() {
  const options = Object.entries(MODES).map(([value, key]) => el("option", { value, text: t(key) }));
  const mode = el("select", { id: "mode" }, ...options);
  const dryRun = el("input", { id: "dry-run", type: "checkbox" });
  return {
    nodes: [
      el("label", { for: "mode", text: t("upload.mode") }),
      mode,
      el("label", { class: "check", for: "dry-run" }, dryRun, " ", t("upload.dryRun")),
    ],
    fields: () => ({ mode: mode.value, dryRun: dryRun.checked ? "true" : "" }),
  };
}
