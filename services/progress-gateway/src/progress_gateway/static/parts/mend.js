/** Mending an import that has ended: why rows failed, the file to correct, the way back. */

import * as api from "../outside/api.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatCount } from "../model/format.js";
import { causesOf, mendingOf } from "../model/mending.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

const CAUSES_SHOWN = 8;

/** Return `{node, update(state)}`; `correct(file)` uploads a corrected file. */
export function mendCard(jobId, correct) {
  const causes = causesTable(jobId);
  const download = el("a", {
    class: "button",
    href: api.failedRowsAddress(jobId),
    download: "",
    text: t("mend.download"),
  });
  const upload = uploadButton(correct);
  const how = el("p", { class: "quiet" });
  const node = el(
    "div",
    { class: "card mend", hidden: true },
    el("h2", { text: t("mend.title") }),
    causes.node,
    how,
    el("div", { class: "mend-row" }, download, upload.node),
    upload.told,
  );
  return {
    node,
    update(state) {
      const offered = mendingOf(state);
      setShown(node, offered.download);
      if (!offered.download) return;
      setShown(how, offered.upload || state.snapshot.data.dryRun === true);
      setText(how, state.snapshot.data.dryRun ? t("mend.howDry") : t("mend.how"));
      setShown(upload.node, offered.upload || upload.isBusy());
      causes.update(state);
    },
  };
}

/** The table is read again whenever the number of failed rows has changed: they may be healed. */
function causesTable(jobId) {
  const body = el("tbody");
  const names = ["mend.where", "mend.code", "mend.count", "mend.rows"];
  const head = el("tr", {}, ...names.map((key) => el("th", { scope: "col", text: t(key) })));
  const node = el("div", { class: "scroll", hidden: true }, el("table", { class: "list" }, el("thead", {}, head), body));
  let shownOf = null;
  const read = async (failedRows) => {
    shownOf = failedRows;
    try {
      const causes = causesOf(await api.errorSummary(jobId));
      body.replaceChildren(...causes.slice(0, CAUSES_SHOWN).map(row));
      setShown(node, causes.length > 0);
    } catch {
      setShown(node, false); // the list of errors below says what failed
    }
  };
  return {
    node,
    update({ snapshot }) {
      const { failedRows, ongoing } = snapshot.data;
      if (failedRows !== shownOf && !ongoing) read(failedRows);
    },
  };
}

function row({ where, code, count, lines }) {
  const shown = lines.map((line) => formatCount(line, locale())).join(", ");
  return el(
    "tr",
    {},
    el("td", { text: where || "–" }),
    el("td", { text: code }),
    el("td", { class: "number-left", text: formatCount(count, locale()) }),
    el("td", { text: shown || "–" }),
  );
}

function uploadButton(correct) {
  const input = el("input", { class: "unseen", id: "mend-input", type: "file", accept: ".xlsx,.csv,.tsv,.tab,.txt" });
  const label = el("label", { class: "button primary", for: "mend-input", text: t("mend.upload") });
  const told = el("p", { role: "status", hidden: true });
  let busy = false;
  const tell = (text, isFault = false) => {
    setText(told, text);
    setAttribute(told, "class", isFault ? "fault" : "quiet");
    setShown(told, text !== "");
  };
  input.addEventListener("change", async () => {
    const [file] = input.files;
    input.value = "";
    if (!file || busy) return;
    busy = true;
    tell(t("mend.sending", { name: file.name }));
    try {
      const jobId = await correct(file);
      const link = el("a", { href: `#/jobs/${jobId}`, text: t("mend.follow") });
      tell(t("mend.accepted"));
      told.append(" ", link);
    } catch (error) {
      tell(t("mend.refused", { why: textOfError(error) }), true);
    } finally {
      busy = false;
    }
  });
  return { node: el("span", {}, input, label), told, isBusy: () => busy };
}
