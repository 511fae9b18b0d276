/** Choosing a file, checking it, and its upload. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatBytes, formatCount, formatPercent, formatRemaining } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { importOptions } from "./import_options.js";

const MIN_SPEED_MS = 500;

/**
 * Return the view; it decides nothing: `does` are `choose(file)`, `start(fields)`, `cancel()`,
 * `again()`; `update(state, offer)` shows a state; `offer`: `{limits, targets}`, null until known.
 */
export function uploadView(does) {
  const chooser = chooserCard(does);
  const sending = sendingCard(does);
  const failure = failureCard(does);
  const node = el(
    "section",
    { class: "upload" },
    el("h1", { text: t("upload.title") }),
    el("p", { class: "lead", text: t("upload.lead") }),
    chooser.node,
    sending.node,
    failure.node,
  );
  return {
    node,
    update(state, offer) {
      setShown(chooser.node, state.name === "FileSelection");
      setShown(sending.node, ["Uploading", "UploadSuccess"].includes(state.name));
      setShown(failure.node, state.name === "UploadError");
      chooser.update(state, offer);
      sending.update(state);
      failure.update(state);
    },
  };
}

function chooserCard(does) {
  const input = el("input", { class: "unseen", id: "file-input", type: "file", accept: ".xlsx,.csv,.tsv,.tab,.txt" });
  const title = el("strong", { text: t("upload.drop") });
  const hint = el("span", { text: t("upload.or") });
  const limit = el("span", { class: "quiet" });
  const drop = el(
    "label",
    { class: "drop", for: "file-input" },
    el("img", { src: "/static/sheet.svg", alt: "", width: 56, height: 56 }),
    title,
    hint,
    limit,
  );
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const select = el("select", { id: "target" });
  const options = importOptions();
  const submit = el("button", { class: "button primary", type: "submit", text: t("upload.submit") });
  const form = el(
    "form",
    { class: "start-row" },
    el("label", { for: "target", text: t("upload.target") }),
    select,
    submit,
    ...options.nodes,
  );
  const node = el("div", { class: "card" }, input, drop, fault, form);
  input.addEventListener("change", () => {
    if (input.files.length) does.choose(input.files[0]);
    input.value = ""; // the same file, mended, can be chosen again
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    does.start({ target: select.value, ...options.fields() });
  });
  acceptDrops(drop, does.choose);
  let offered = null;
  return {
    node,
    update(state, offer) {
      if (offer !== offered && offer !== null) {
        offered = offer;
        setText(limit, limitText(offer.limits));
        fillTargets(select, offer.targets);
      }
      const { file, fault: wrong } = state;
      drop.classList.toggle("chosen", file !== null && wrong === null);
      setText(title, file ? file.name : t("upload.drop"));
      setText(hint, file ? formatBytes(file.sizeBytes, locale()) : t("upload.or"));
      setText(limit, file ? t("upload.another") : limitText(offered?.limits));
      setText(fault, wrong ? faultText(wrong) : "");
      setShown(fault, wrong !== null);
      submit.disabled = file === null || wrong !== null || !select.options.length;
    },
  };
}

function acceptDrops(drop, choose) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    drop.classList.toggle("over", isOver);
  };
  drop.addEventListener("dragenter", over(true));
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
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

function fillTargets(select, targets) {
  // The one that takes any sheet comes first: a first import needs no thought
  const names = targets.map((target) => target.name);
  const sorted = [...names.filter((n) => n === "records"), ...names.filter((n) => n !== "records")];
  select.replaceChildren(...sorted.map((name) => el("option", { value: name, text: name })));
  if (!sorted.length) select.append(el("option", { value: "", text: t("upload.noTargets") }));
}

/** Return the sentence of a fault: its own words, or a message with sizes made readable. */
function faultText(fault) {
  if (fault.text) return fault.text;
  const params = { ...fault.params };
  for (const name of ["sizeBytes", "maxUploadBytes"]) {
    if (name in params) params[name] = formatBytes(params[name], locale());
  }
  return t(fault.key, params);
}

function sendingCard(does) {
  const name = el("strong");
  const fill = el("div", { class: "bar-done" });
  const bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  bar.setAttribute("aria-label", t("upload.bar"));
  const bytes = el("span");
  const speed = el("span");
  const left = el("span");
  const cancel = el("button", { class: "button", type: "button", text: t("upload.cancel") });
  cancel.addEventListener("click", () => does.cancel());
  const doing = el("span", { class: "quiet" });
  const node = el(
    "div",
    { class: "card sending", hidden: true },
    el("div", { class: "split" }, name, doing),
    bar,
    el("div", { class: "split" }, el("div", { class: "facts" }, bytes, speed, left), cancel),
  );
  return {
    node,
    update({ file, upload }) {
      if (!upload) return;
      const percent = upload.totalBytes ? (100 * upload.sentBytes) / upload.totalBytes : 0;
      const sent = percent >= 100;
      setText(name, file.name);
      setText(doing, sent ? t("upload.checking") : t("upload.sending"));
      fill.style.width = `${percent}%`;
      bar.classList.toggle("working", sent);
      setAttribute(bar, "aria-valuenow", Math.floor(percent));
      setAttribute(bar, "aria-valuetext", sent ? t("upload.checking") : formatPercent(percent, locale()));
      setText(bytes, bytesText(upload));
      const bytesPerSecond = speedOf(upload);
      setText(speed, bytesPerSecond ? t("upload.speed", { size: formatBytes(bytesPerSecond, locale()) }) : "");
      setText(left, sent || !bytesPerSecond ? "" : leftText(upload, bytesPerSecond));
    },
  };
}

function bytesText({ sentBytes, totalBytes }) {
  const params = { sent: formatBytes(sentBytes, locale()), total: formatBytes(totalBytes, locale()) };
  return t("upload.bytes", params);
}

function leftText({ sentBytes, totalBytes }, bytesPerSecond) {
  const seconds = Math.max(1, Math.round((totalBytes - sentBytes) / bytesPerSecond));
  return t("upload.left", { time: formatRemaining(seconds, locale()) });
}

function speedOf({ sentBytes, startedMs, nowMs }) {
  const tookMs = nowMs - startedMs;
  return tookMs < MIN_SPEED_MS ? null : (1000 * sentBytes) / tookMs;
}

function failureCard(does) {
  const why = el("p");
  const again = el("button", { class: "button primary", type: "button", text: t("upload.another") });
  again.addEventListener("click", () => does.again());
  const node = el(
    "div",
    { class: "card notice bad", role: "alert", hidden: true },
    el("strong", { text: t("upload.failed") }),
    why,
    again,
  );
  return {
    node,
    update({ fault }) {
      setText(why, fault ? faultText(fault) : "");
    },
  };
}
