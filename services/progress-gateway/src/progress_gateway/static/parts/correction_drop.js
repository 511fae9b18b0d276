/** Where the corrected file goes: a place to drop it on, its way to the server, and the answer. */

import { formatPercent } from "../model/format.js";
import { watchCorrection } from "../model/mending.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setAttribute, setShown, setText } from "./dom.js";

const ACCEPTED = ".xlsx,.csv,.tsv,.tab,.txt";

/**
 * Return `{node, isBusy(), update(snapshot, hasEnded)}`. `correct(file, {onProgress, signal})` sends it, opens the
 * stream anew and returns the correction's own job; it rejects with what the server says, or an AbortError.
 */
export function correctionDrop(correct) {
  const input = el("input", { class: "unseen", id: "mend-input", type: "file", accept: ACCEPTED });
  const place = el(
    "label",
    { class: "drop small-drop", for: "mend-input" },
    el("strong", { text: t("mend.drop") }),
    el("span", { text: t("mend.choose") }),
  );
  const sending = sendingLine();
  const told = el("div", { role: "status" });
  let isBusy = false;
  let healedRows = 0;
  let taken = null;
  const send = async (file) => {
    if (!file || isBusy) return;
    isBusy = true;
    setShown(place, false);
    told.replaceChildren();
    taken = null;
    const look = watchCorrection(healedRows);
    try {
      const jobId = await correct(file, sending.begin(file));
      taken = { name: file.name, jobId, look };
      told.replaceChildren(note(t("mend.accepted", { name: file.name }), t("mend.follow"), jobId));
    } catch (error) {
      const text = error.name === "AbortError"
        ? t("mend.cancelled")
        : t("mend.refused", { name: file.name, why: textOfError(error) });
      told.replaceChildren(el("p", { class: error.name === "AbortError" ? "note" : "fault", text }));
    } finally {
      isBusy = false;
      sending.end();
      setShown(place, true);
    }
  };
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // the same file, mended once more, can be chosen again
    send(file);
  });
  acceptDrops(place, send);
  return {
    node: el("div", { class: "correction" }, input, place, sending.node, told),
    isBusy: () => isBusy,
    update(snapshot, hasEnded) {
      healedRows = snapshot.data.healedRows ?? 0;
      const end = taken?.look(snapshot, hasEnded) ?? null;
      if (end === null) return;
      const { name, jobId } = taken;
      taken = null;
      told.replaceChildren(note(t("mend.imported", { name, ...end }), t("mend.see"), jobId));
    },
  };
}

function note(text, linkText, jobId) {
  return el("p", { class: "note" }, text, " ", el("a", { href: `#/jobs/${jobId}`, text: linkText }));
}

function sendingLine() {
  const text = el("span");
  const fill = el("div", { class: "bar-done" });
  const bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const cancel = el("button", { class: "button small", type: "button", text: t("mend.cancel") });
  const node = el("div", { class: "correction-sending", hidden: true }, el("div", { class: "split" }, text, cancel), bar);
  let aborting = null;
  cancel.addEventListener("click", () => aborting?.abort());
  const show = (name, percent) => {
    const isSent = percent >= 100;
    const shown = formatPercent(percent, locale());
    setText(text, isSent ? t("mend.checking", { name }) : t("mend.sending", { name, percent: shown }));
    setAttribute(bar, "aria-label", name);
    setAttribute(bar, "aria-valuenow", Math.floor(percent));
    fill.style.width = `${percent}%`;
    bar.classList.toggle("working", isSent);
  };
  return {
    node,
    begin({ name }) {
      aborting = new AbortController();
      show(name, 0);
      setShown(node, true);
      const onProgress = (sent, total) => show(name, total ? (100 * sent) / total : 0);
      return { onProgress, signal: aborting.signal };
    },
    end: () => setShown(node, false),
  };
}

function acceptDrops(place, send) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    place.classList.toggle("over", isOver);
  };
  for (const name of ["dragenter", "dragover"]) place.addEventListener(name, over(true));
  place.addEventListener("dragleave", over(false));
  place.addEventListener("drop", (event) => {
    over(false)(event);
    send(event.dataTransfer.files[0]);
  });
}
