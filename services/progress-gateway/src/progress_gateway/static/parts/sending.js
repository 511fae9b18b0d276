/** A file on its way: how far, how fast, how long still; and what happens when the line is cut. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatBytes, formatPercent, formatRemaining } from "../model/format.js";
import { locale, t } from "../words/messages.js";

const MIN_SPEED_MS = 500;

/**
 * Return `{node, update({file, sent, wait, isStarting, mayBeThere, atOnce}, nowMs)}`. `mayBeThere`:
 * what is sent whole is an import, and no longer a question. `sent`: `{sentBytes,
 * totalBytes, startedMs, nowMs}`; `wait`: `{atMs}` while it is tried again; `atOnce`: null where
 * that cannot be asked for, else whether it was. `does`: `cancel()`, `atOnce()`, `retryNow()`.
 */
export function sendingCard(does) {
  const name = el("strong", { class: "name" });
  const doing = el("span", { class: "quiet", role: "status" });
  const fill = el("div", { class: "bar-done" });
  const bar = el("div", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  setAttribute(bar, "aria-label", t("upload.bar"));
  const [bytes, speed, left] = [el("span"), el("span"), el("span")];
  const cancel = button(t("upload.cancel"), does.cancel);
  const atOnce = button(t("upload.atOnce"), does.atOnce);
  const asked = el("span", { class: "quiet", role: "status", text: t("upload.atOnceAsked"), hidden: true });
  const lost = el("span", { class: "lost-text" });
  const lostOnce = el("span", { class: "unseen", role: "status" }); // a countdown is for the eye
  const retry = button(t("upload.retryNow"), does.retryNow, "button small");
  const cut = el("div", { class: "callout split", hidden: true }, lost, retry);
  const node = el(
    "div",
    { class: "card sending", "data-part": "sending", hidden: true },
    el("div", { class: "split" }, name, doing),
    bar,
    lostOnce,
    cut,
    el(
      "div",
      { class: "split" },
      el("div", { class: "facts" }, bytes, speed, left),
      el("div", { class: "controls" }, asked, atOnce, cancel),
    ),
  );
  return {
    node,
    update({ file, sent, wait, isStarting, mayBeThere, atOnce: isAsked }, nowMs) {
      const percent = sent?.totalBytes ? Math.min(100, (100 * sent.sentBytes) / sent.totalBytes) : 0;
      const isThere = sent === null || percent >= 100;
      const what = isStarting ? t("upload.starting") : t("upload.checking");
      setText(name, file?.name ?? "");
      setText(doing, isThere ? what : t("upload.sending"));
      fill.style.width = `${isThere ? 100 : percent}%`;
      bar.classList.toggle("working", isThere);
      setAttribute(bar, "aria-valuenow", isThere ? null : Math.floor(percent));
      setAttribute(bar, "aria-valuetext", isThere ? what : formatPercent(percent, locale()));
      const perSecond = isThere ? null : speedOf(sent);
      setText(bytes, sent === null ? "" : bytesText(sent));
      setText(speed, perSecond ? t("upload.speed", { size: formatBytes(perSecond, locale()) }) : "");
      setText(left, perSecond ? leftText(sent, perSecond) : "");
      setShown(cut, wait !== null);
      setText(lost, wait ? waitText(wait, nowMs) : "");
      setText(lostOnce, wait ? t("upload.lostNow") : "");
      setShown(atOnce, isAsked === false);
      // What the server has whole may be an import by now: it is cancelled on its own page
      setShown(cancel, !(mayBeThere && isThere));
      setShown(asked, isAsked === true);
    },
  };
}

function button(text, act, name = "button") {
  const node = el("button", { class: name, type: "button", text });
  node.addEventListener("click", () => act());
  return node;
}

function waitText({ atMs }, nowMs) {
  const seconds = (atMs - nowMs) / 1000;
  return seconds < 0.5 ? t("upload.lostNow") : t("upload.lost", { time: formatRemaining(seconds, locale()) });
}

function bytesText({ sentBytes, totalBytes }) {
  const params = { sent: formatBytes(sentBytes, locale()), total: formatBytes(totalBytes, locale()) };
  return t("upload.bytes", params);
}

function leftText({ sentBytes, totalBytes }, perSecond) {
  const seconds = Math.max(1, Math.round((totalBytes - sentBytes) / perSecond));
  return t("upload.left", { time: formatRemaining(seconds, locale()) });
}

function speedOf({ sentBytes, startedMs, nowMs }) {
  const tookMs = nowMs - startedMs;
  return tookMs < MIN_SPEED_MS ? null : (1000 * sentBytes) / tookMs;
}
