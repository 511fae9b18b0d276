/** Links to files that the server makes while it sends them: what goes wrong is told beside them. */

import { formatBytes } from "../model/format.js";
import { saveFile } from "../outside/save_file.js";
import { resultFileAddress } from "../outside/errors_api.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const FORMS = { xlsx: "file.xlsx", csv: "file.csv" };
const WHAT = { failed: "file.failedRows", unprocessed: "file.unprocessedRows" };

/**
 * Return `{node}`: the workbook and the text file of a job's rows; `kind` is `failed` or
 * `unprocessed`. They are links, so that they can also be copied or opened elsewhere.
 */
export function fileLinks(jobId, kind, isHandled = () => false) {
  const told = el("p", { role: "status", hidden: true });
  const size = el("p", { class: "quiet", hidden: true });
  let isBusy = false;
  const tell = (text, isFault = false) => {
    setText(told, text);
    setAttribute(told, "class", isFault ? "fault" : "quiet");
    setShown(told, text !== "");
    setShown(size, false);
  };
  /** Every piece that comes is for the eye; screen readers are told once that it began. */
  const count = (received) => {
    setText(size, t("file.saving", { size: formatBytes(received, locale()) }));
    setShown(size, true);
    setAttribute(told, "class", "unseen");
  };
  const save = async (address) => {
    if (isBusy) return;
    isBusy = true;
    tell(t("errors.loading"));
    try {
      await saveFile(address, count);
      tell("");
    } catch (error) {
      tell(isHandled(error) ? "" : t("file.notSaved", { why: textOfError(error) }), true);
    } finally {
      isBusy = false;
    }
  };
  const links = Object.keys(FORMS).map((form) => link(jobId, kind, form, save));
  return { node: el("div", { class: "file-links" }, el("div", { class: "controls" }, ...links), told, size) };
}

function link(jobId, kind, form, save) {
  const address = resultFileAddress(jobId, kind, form);
  const label = t("file.label", { what: t(WHAT[kind]), form: t(FORMS[form]) });
  return el("a", {
    class: "button small file-link",
    href: address,
    download: "",
    "aria-label": label,
    text: t(FORMS[form]),
    on: {
      click: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        save(address);
      },
    },
  });
}
