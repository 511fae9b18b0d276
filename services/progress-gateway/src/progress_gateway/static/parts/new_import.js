/** The page of a new import: what is seen in each state of it. */

import { isWorthAgain } from "../model/refusals.js";
import { t } from "../words/messages.js";
import { acceptDrops, dropZone } from "./drop_zone.js";
import { el, setShown } from "./dom.js";
import { fileChoices } from "./file_choices.js";
import { importOptions } from "./import_options.js";
import { mappingCard } from "./mapping.js";
import { refusalCard } from "./refusal.js";
import { sendingCard } from "./sending.js";
import { sheetPreview } from "./sheet_preview.js";
import { startBar } from "./start_bar.js";

const CHOOSING = new Set(["Empty", "Refused"]);
const SHOWN = new Set(["Ready", "Looking", "Unread"]);

/**
 * Return `{node, update({state, plan, offer, wait}, nowMs)}`. `state` is the page's, `plan` the one
 * of what is imported. It decides nothing: `does` has a function for everything that can be asked.
 */
export function newImportView(does) {
  const drop = dropZone(does);
  const sending = sendingCard(does);
  const file = fileChoices(does);
  const unread = refusalCard(t("upload.unread"), does);
  const faults = refusalCard(t("upload.toMend"), does, "warned");
  const failed = refusalCard(t("upload.failed"), does);
  const options = importOptions(does);
  const mapping = mappingCard(does);
  const preview = sheetPreview();
  const bar = startBar((how) => options.check() && does.start(how));
  const node = el(
    "section",
    { class: "upload" },
    el("h1", { text: t("upload.title") }),
    el("p", { class: "lead", text: t("upload.lead") }),
    ...[failed, drop, sending, file, unread, options, faults, mapping, preview, bar].map((part) => part.node),
  );
  acceptDrops(node, does.choose, drop.hover);
  let before = "";
  return {
    node,
    update({ state, plan, offer, wait }, nowMs) {
      const isPlanning = state.name === "FileSelection";
      const isShown = isPlanning && SHOWN.has(plan.name);
      setShown(drop.node, isPlanning && CHOOSING.has(plan.name));
      setShown(file.node, isShown);
      setShown(options.node, isPlanning && plan.name !== "Sending" && !isOfFile(plan));
      for (const part of [drop, file, options]) if (!part.node.hidden) part.update(plan, offer);
      unread.update(isPlanning && plan.name === "Unread" ? plan.problem : null, waysOnUnread(plan));
      failed.update(state.name === "UploadError" ? state.fault : null, waysOn(state.fault));
      faults.update(isShown ? faultsOf(plan) : null);
      for (const part of [mapping, preview, bar]) {
        part.update(isShown && plan.name !== "Unread" ? plan : { ...plan, preview: null }, offer);
      }
      showSending(sending, { state, plan, wait }, nowMs);
      const now = isPlanning ? plan.name : state.name;
      if (now !== before) moveFocus(before, now, { drop, file, unread, failed });
      before = now;
    },
  };
}

function showSending(card, { state, plan, wait }, nowMs) {
  const isImporting = state.name === "Uploading" || state.name === "UploadSuccess";
  const isAsking = plan.name === "Sending" || (plan.name === "Looking" && plan.preview === null);
  setShown(card.node, isImporting || (state.name === "FileSelection" && isAsking));
  if (card.node.hidden) return;
  const facts = isImporting
    ? { file: state.file, sent: state.upload, wait, isStarting: true, atOnce: null }
    : { file: plan.file, sent: plan.sent, wait: plan.wait, isStarting: plan.start !== null, atOnce: plan.start !== null };
  card.update({ ...facts, mayBeThere: isImporting }, nowMs);
}

/** A header that does not fit is no refusal yet: what is mended below goes on. */
function faultsOf({ name, preview }) {
  if (name !== "Ready" || preview.faults.length === 0) return null;
  preview.problem ??= { code: preview.faultCode, detail: "", faults: preview.faults, members: {}, retryAfterS: null };
  return preview.problem;
}

/** What is wrong with the file itself no other target cures. */
function isOfFile({ name, problem }) {
  return name === "Unread" && !/^(?:TARGET|MAPPING)_/.test(problem.code ?? "");
}

function waysOnUnread({ problem }) {
  return problem !== null && isWorthAgain(problem) ? ["again", "another"] : ["another"];
}

function waysOn(problem) {
  return problem !== null && isWorthAgain(problem) ? ["again", "back", "another"] : ["back", "another"];
}

/** What had the focus is gone: it goes on where the eyes go. */
function moveFocus(before, now, parts) {
  if (before === "") return;
  if (now === "Unread") parts.unread.focus();
  else if (now === "UploadError") parts.failed.focus();
  else if (now === "Ready" && before !== "Looking") parts.file.focus();
  else if (now === "Empty" && before !== "Looking") parts.drop.focus();
}
