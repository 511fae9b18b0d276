/** All errors of a job: by cause, filtered, and page by page, so that a million are no burden. */

import * as pages from "../model/error_pages.js";
import { causesOf } from "../model/mending.js";
import { errorSummary, rowErrors } from "../outside/errors_api.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { el, setShown, setText } from "./dom.js";
import { errorCauses } from "./error_causes.js";
import { errorFilter } from "./error_filter.js";
import { errorTable } from "./error_table.js";

/**
 * Return `{node, read()}`, which asks the server anew and keeps filter and page. `seesValues()`
 * tells whether who looks may see cells; `isHandled(error)` whether somebody else shows an error.
 */
export function errorExplorer(jobId, { seesValues, isHandled }) {
  let place = pages.firstPage();
  let causes = [];
  let kinds = [];
  let asked = 0;
  const choose = (filter) => {
    const wanted = pages.isSame(filter, place.filter) ? pages.ANY : filter;
    read(pages.firstPage(wanted));
  };
  const list = errorCauses(choose);
  const filter = errorFilter((chosen) => read(pages.firstPage(chosen)));
  const table = errorTable(async (way) => {
    const wanted = way === "next" ? pages.pageBehind(place) : pages.pageBefore(place);
    if (wanted === place) return;
    await read(wanted);
    table.toTop();
  });
  const waiting = el("p", { class: "quiet", text: t("errors.loading") });
  const fault = el("p");
  const again = el("button", {
    class: "button small", type: "button", text: t("errors.again"), on: { click: () => readAll() },
  });
  const failure = el("div", { class: "fault", role: "alert", hidden: true }, fault, again);
  const found = el("div", { hidden: true }, filter.node, table.node);
  const node = el("div", { class: "explorer" }, failure, list.node, waiting, found);

  const draw = () => {
    list.update(causes, place.filter);
    filter.update(kinds, place.filter);
  };
  const attempt = async (ask, show) => {
    asked += 1;
    const mine = asked;
    table.busy(true);
    try {
      const answer = await ask();
      if (mine !== asked) return;
      show(answer);
      setShown(failure, false);
      setShown(found, true);
    } catch (error) {
      if (mine !== asked) return;
      isHandled(error); // the list stays empty behind the sign-in: it can be read again after it
      setText(fault, t("errors.failed", { why: textOfError(error) }));
      setShown(failure, true);
    } finally {
      if (mine === asked) {
        setShown(waiting, false);
        table.busy(false);
      }
    }
  };
  const showPage = (wanted, page) => {
    // What stood on the last page may be corrected by now
    if (!page.errors.length && wanted.cursors.length > 1) return read(pages.firstPage(wanted.filter));
    // Counts come with the first page: on a further one those of before stand
    place = pages.withAnswer({ ...wanted, total: wanted.total ?? place.total }, page);
    table.show(page.errors, place, seesValues());
    draw();
  };
  const read = (wanted) => attempt(
    () => rowErrors(jobId, wanted.filter, pages.cursorOf(wanted)),
    (page) => showPage(wanted, page),
  );
  const readAll = () => attempt(
    () => Promise.all([errorSummary(jobId), rowErrors(jobId, place.filter, pages.cursorOf(place))]),
    ([summary, page]) => {
      kinds = summary.kinds;
      causes = causesOf(summary);
      showPage(place, page);
    },
  );
  return { node, read: readAll };
}
