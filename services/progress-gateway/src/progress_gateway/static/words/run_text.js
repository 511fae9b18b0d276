/** What the tab, the notification and screen readers are told of a run. Pure. */

import { formatPercent } from "../model/format.js";
import { isTerminal } from "../model/snapshot.js";
import { locale, statusText, t } from "./messages.js";
import { noticeText } from "./notice.js";

/** Return what stands on the tab: how far it is, which file. */
export function runTitle({ snapshot }, job) {
  const parts = [job?.fileName, "Sluice"];
  if (snapshot !== null) {
    const { status, data } = snapshot;
    const isStill = isTerminal(status) || status === "paused";
    parts.unshift(isStill || !data.percentage ? statusText(status) : formatPercent(data.percentage, locale()));
  }
  return parts.filter(Boolean).join(" · ");
}

/** Return what a screen reader says now and then: how it stands, in a sentence. */
export function progressText({ snapshot }) {
  const { status, data } = snapshot;
  const said = noticeText(snapshot);
  if (said !== null) return `${statusText(status)}. ${said}`;
  const failed = data.failedRows ?? 0;
  const percent = formatPercent(data.percentage ?? 0, locale());
  return t("say.progress", { percent, failed, count: failed });
}

/** Return what a notification says of an end. */
export function endText(snapshot) {
  return noticeText(snapshot) ?? statusText(snapshot.status);
}
