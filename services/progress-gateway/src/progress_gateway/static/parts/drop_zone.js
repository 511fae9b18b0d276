/** Where a file is chosen: dropped, or picked with mouse or keyboard; what is taken stands in it. */

import { el, setShown, setText } from "./dom.js";
import { formatBytes, formatCount } from "../model/format.js";
import { locale, t } from "../words/messages.js";

export const ACCEPTED = ".xlsx,.csv,.tsv,.tab,.txt";

/** Return `{node, focus(), hover(isOver), update(plan, offer)}`; `choose(file)` hears of a file. */
export function dropZone({ choose }) {
  const input = el("input", { class: "unseen", id: "file-input", type: "file", accept: ACCEPTED, "aria-describedby": "file-limit" });
  const title = el("strong", { text: t("upload.drop") });
  const limit = el("span", { class: "quiet", id: "file-limit" });
  const drop = el(
    "label",
    { class: "drop", for: "file-input" },
    el("img", { src: "/static/sheet.svg", alt: "", width: 56, height: 56 }),
    title,
    el("span", { text: t("upload.or") }),
    limit,
  );
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const note = el("p", { class: "callout", role: "status", hidden: true });
  input.addEventListener("change", () => {
    if (input.files.length) choose(input.files[0]);
    input.value = ""; // the same file, mended, can be chosen again
  });
  return {
    node: el("div", { class: "card", "data-part": "drop" }, note, input, drop, fault),
    focus: () => input.focus(),
    /** A file hangs over the page, which takes it anywhere. */
    hover(isOver) {
      drop.classList.toggle("over", isOver);
      setText(title, isOver ? t("upload.dropNow") : t("upload.drop"));
    },
    update(plan, offer) {
      setText(limit, limitText(offer?.limits));
      setText(fault, plan.fault ? faultText(plan.fault) : "");
      setShown(fault, plan.fault !== null);
      setText(note, plan.note ? t(plan.note.key, plan.note.params) : "");
      setShown(note, plan.note !== null);
    },
  };
}

/** Take files dropped on a node; a drag over its children leaves it only when it leaves it. */
export function acceptDrops(node, choose, onOver) {
  let depth = 0;
  const hear = (name, act) =>
    node.addEventListener(name, (event) => {
      event.preventDefault();
      act(event);
    });
  hear("dragover", () => {});
  hear("dragenter", () => (depth += 1) === 1 && onOver(true));
  hear("dragleave", () => (depth -= 1) === 0 && onOver(false));
  hear("drop", (event) => {
    depth = 0;
    onOver(false);
    if (event.dataTransfer.files.length) choose(event.dataTransfer.files[0]);
  });
}

function limitText(limits) {
  if (!limits?.maxUploadBytes) return t("upload.limitUnknown");
  const size = formatBytes(limits.maxUploadBytes, locale());
  if (!limits.maxRows || !limits.maxTextUploadBytes) return t("upload.limit", { size });
  const textSize = formatBytes(limits.maxTextUploadBytes, locale());
  return t("upload.limitRows", { size, rows: formatCount(limits.maxRows, locale()), textSize });
}

/** Return the sentence of a fault that the page itself found, its sizes made readable. */
function faultText({ key, params }) {
  const shown = { ...params };
  for (const name of ["sizeBytes", "maxUploadBytes"]) {
    if (name in shown) shown[name] = formatBytes(shown[name], locale());
  }
  return t(key, shown);
}
