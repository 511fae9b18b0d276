/** Rows that failed: the newest while it runs, and all of them by cause and page by page. */

import { isTerminal } from "../model/snapshot.js";
import { t } from "../words/messages.js";
import { el, setShown, setText } from "./dom.js";
import { errorExplorer } from "./error_explorer.js";

/** While it runs an open list is read again so often, and only when more has failed. */
const REFRESH_MS = 10_000;

/**
 * Return `{node, update(state, job, nowMs)}`. At the end the list opens by itself, while it runs
 * when it is asked for. `isHandled(error)` tells whether somebody else shows an error.
 */
export function errorsCard(jobId, isHandled = () => false) {
  let right = null;
  const explorer = errorExplorer(jobId, { seesValues: () => right !== "view", isHandled });
  const count = el("span", { class: "badge warned", hidden: true });
  const none = el("p", { class: "quiet", text: t("errors.none") });
  const latest = latestErrors();
  const open = el("button", { class: "button", type: "button", text: t("errors.open") });
  const viewer = el("p", { class: "note", hidden: true });
  const title = el("div", { class: "split" }, el("h2", { text: t("errors.title") }), count);
  const node = el(
    "section",
    { class: "card errors-card", id: "errors", "data-part": "errors" },
    title, none, viewer, latest.node, open, explorer.node,
  );
  const when = readings(explorer);
  open.addEventListener("click", when.open);
  return {
    node,
    update(state, job, nowMs) {
      const data = state.snapshot?.data ?? {};
      const failedRows = data.failedRows ?? 0;
      const ended = isTerminal(state.snapshot?.status);
      right = state.right;
      setShown(node, failedRows > 0 || !ended); // at the end the result says that there are none
      setShown(none, failedRows === 0);
      setShown(count, failedRows > 0);
      setText(count, t("errors.rows", { count: failedRows }));
      setShown(viewer, failedRows > 0 && right === "view" && job !== null);
      setText(viewer, job ? t("errors.viewer", { owner: job.owner }) : "");
      const isOpen = when.update({ failedRows, ended, isBusy: Boolean(data.ongoing), nowMs });
      setShown(explorer.node, isOpen);
      setShown(open, failedRows > 0 && !isOpen);
      latest.update(isOpen || failedRows === 0 ? [] : data.errors ?? []);
    },
  };
}

/** When the list is read: opened, at the end, and again when the number of failed rows changes. */
function readings(explorer) {
  let isOpen = false;
  let readOf = null;
  let readAtMs = -Infinity;
  return {
    open: () => {
      isOpen = true;
    },
    update({ failedRows, ended, isBusy, nowMs }) {
      if (failedRows === 0) return false;
      if (ended) isOpen = true;
      const isDue = (ended && !isBusy) || nowMs - readAtMs >= REFRESH_MS;
      if (isOpen && failedRows !== readOf && isDue) {
        readOf = failedRows;
        readAtMs = nowMs;
        explorer.read();
      }
      return isOpen;
    },
  };
}

function latestErrors() {
  const list = el("ul", { class: "latest-errors" });
  const node = el("div", { hidden: true }, el("h3", { text: t("errors.latest") }), list);
  let drawn = null;
  return {
    node,
    update(texts) {
      setShown(node, texts.length > 0);
      if (texts === drawn) return;
      drawn = texts;
      list.replaceChildren(...texts.map((text) => el("li", { lang: "en", text })));
    },
  };
}
