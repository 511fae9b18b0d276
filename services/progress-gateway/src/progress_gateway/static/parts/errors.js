/** Row errors: the newest while it runs, the whole list in sheet order on demand. */

import { rowErrors } from "../outside/api.js";
import { el, setShown, setText } from "./dom.js";
import { formatCount } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { isTerminal } from "../model/snapshot.js";

/** Return `{node, update(state)}`; the list is read from the server page by page. */
export function errorsCard(jobId) {
  const count = el("span", { class: "badge warned", hidden: true });
  const latest = el("ul", { class: "errors" });
  const none = el("p", { class: "quiet", text: t("run.errorsNone") });
  const list = errorList(jobId, () => setShown(latest, false));
  const title = el("div", { class: "split" }, el("h2", { text: t("run.errors") }), count);
  const node = el("div", { class: "card" }, title, none, latest, list.node);
  let drawn = null;
  return {
    node,
    update({ snapshot }) {
      const data = snapshot?.data ?? {};
      const failedRows = data.failedRows ?? 0;
      const ended = isTerminal(snapshot?.status);
      setShown(none, failedRows === 0);
      setText(none, ended ? t("run.errorsNoneAtEnd") : t("run.errorsNone"));
      setShown(count, failedRows > 0);
      setText(count, formatCount(failedRows, locale()));
      setShown(list.node, failedRows > 0);
      if (data.errors === drawn) return;
      drawn = data.errors;
      latest.replaceChildren(...(drawn ?? []).map((text) => el("li", { text })));
    },
  };
}

function errorList(jobId, onOpened) {
  const body = el("tbody");
  const table = el("div", { class: "scroll", hidden: true }, el("table", { class: "list" }, head(), body));
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const more = el("button", { class: "button", type: "button", text: t("run.errorsShow") });
  let next = null;
  more.addEventListener("click", async () => {
    more.disabled = true;
    setText(more, t("run.errorsLoading"));
    try {
      const page = await rowErrors(jobId, next);
      body.append(...page.errors.map(row));
      next = page.nextCursor;
      setShown(table, true);
      setShown(fault, false);
      setShown(more, next !== null);
      onOpened();
    } catch (error) {
      setText(fault, t("run.errorsFailed", { why: textOfError(error) }));
      setShown(fault, true);
    } finally {
      more.disabled = false;
      setText(more, body.children.length ? t("run.errorsMore") : t("run.errorsShow"));
    }
  });
  return { node: el("div", { class: "error-list", hidden: true }, table, fault, more) };
}

function head() {
  const cell = (key) => el("th", { scope: "col", text: t(key) });
  const names = ["run.errorRow", "run.errorColumn", "run.errorValue", "run.errorReason"];
  return el("thead", {}, el("tr", {}, ...names.map(cell)));
}

function row({ line, column, field, value, message }) {
  const where = [column, field].filter(Boolean).join(" · ");
  return el(
    "tr",
    {},
    el("td", { class: "number-left", text: formatCount(line, locale()) }),
    el("td", { text: where || "–" }),
    el("td", { class: "value", text: value ?? "–" }),
    el("td", { text: message }),
  );
}
