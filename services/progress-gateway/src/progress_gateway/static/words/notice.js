/** What is to be said of a job's status, in a sentence with its numbers. Pure. */

import { formatAbout, formatRemaining } from "../model/format.js";
import { locale, statusText, t, textOr } from "./messages.js";
import { problemText } from "./problem_text.js";

/**
 * Return what is to be said of a status, its numbers with it; null while all is usual.
 * `waitS` is how long the next attempt is away; 0 where that is not told.
 */
export function noticeText({ status, data }, waitS = 0) {
  const counts = countsText(data);
  const by = pluralsOf(counts);
  if (data.ongoing) return ongoingText(data, counts);
  switch (status) {
    case "completed":
    case "completed_with_errors":
      return endText(data, counts, by);
    case "failed":
      return [failureText(data), counts.written ? t("run.didFail", by("written")) : t("run.didFailEmpty")]
        .filter(Boolean).join(" ");
    case "cancelled":
      return t(counts.written ? "run.wasCancelled" : "run.wasCancelledEmpty", { ...counts, unprocessed: leftText(data) });
    case "undone":
      return undoneText(data.undo ?? {});
    case "paused":
      return t("run.pausedNote");
    case "retrying":
      return retryText(data, waitS);
    default:
      return null;
  }
}

function failureText({ failure }) {
  return failure ? problemText(failure.code, failure.message) : null;
}

function countsText(data) {
  const count = (name) => data[name] ?? 0;
  return {
    count: count("totalRows"),
    written: count("successRows"),
    failed: count("failedRows"),
    unprocessed: count("unprocessedRows"),
    healed: count("healedRows"),
  };
}

/** Return how many rows were left, to the precision with which the total is known. */
function leftText({ unprocessedRows = 0, totalIsEstimate }) {
  return totalIsEstimate ? t("run.about", { count: formatAbout(unprocessedRows, locale()) }) : unprocessedRows;
}

/** Return the counts with the one that chooses the plural. */
function pluralsOf(counts) {
  return (name) => ({ ...counts, count: counts[name] });
}

/** An ended job changes only by a correction or an undo; both can be watched. */
function ongoingText({ ongoing, undo }, counts) {
  if (ongoing === "correction") return t("run.healing", counts);
  return t("run.undoGoesOn", { reversed: undo?.reversed ?? 0, total: undo?.total ?? 0 });
}

function undoneText({ reversed = 0, kept = 0, refused = 0 }) {
  return [
    t("run.wasUndone", { count: reversed }),
    kept > 0 && t("run.undoKept", { count: kept }),
    refused > 0 && t("run.undoRefused", { count: refused }),
  ].filter(Boolean).join(" ");
}

function endText(data, counts, by) {
  if (!data.totalRows) return t("run.noRows");
  if (data.dryRun) return data.failedRows ? t("run.dryPartial", counts) : t("run.dryGood", counts);
  if (!data.failedRows) return t("run.allGood", counts);
  const said = data.successRows ? t("run.partial", by("written")) : t("run.noneWritten", by("failed"));
  return data.healedRows ? `${said} ${t("run.healedSoFar", by("healed"))}` : said;
}

function retryText({ reason, attempt, maxAttempts, retrying, waitingFor }, waitS) {
  const waits = textOr(`waiting.${waitingFor}`, reason);
  if (!attempt) return waits ? t("run.waitingFor", { reason: waits }) : statusText("retrying");
  const what = retrying?.firstLine
    ? t("run.attemptAt", { first: retrying.firstLine, last: retrying.lastLine, reason })
    : t("run.attemptOf", { reason });
  const count = { attempt, max: maxAttempts ?? "?", wait: formatRemaining(waitS, locale()) };
  return `${what} ${waitS > 0 ? t("run.attemptIn", count) : t("run.attempt", count)}`;
}
