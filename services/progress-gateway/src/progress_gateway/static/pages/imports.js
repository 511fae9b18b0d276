/** The page of imports: mine, shared with me, and for operators everybody's; alive by one stream. */

import { control, targets } from "../outside/api.js";
import { eraseJob, listJobs, manyStreamAddress } from "../outside/lists_api.js";
import { followJobs } from "../outside/many_jobs.js";
import { isWorthAsking, jobsWith, NO_JOBS, STATUSES, withMessage, withMore, withNewest, without } from "../model/jobs_list.js";
import { hashOf, isOperator } from "../model/routes.js";
import { openDialog } from "../parts/dialog.js";
import { importsView } from "../parts/imports_view.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { orSignIn } from "./session.js";

const TICK_MS = 1_000;
const ASK_SOON_MS = 400;

/** Return `{nodes, stop()}`. */
export function importsPage(params, outside) {
  const { handledBySignIn, say, user } = outside;
  let list = NO_JOBS;
  let filter = filterOf(params, user);
  let fault = null;
  let link = "connecting";
  let busy = false;
  let asked = 0;
  let pageAsked = 0;
  const askedFor = new Map();
  let soon = null;
  let stopped = false;
  let drawing = false;

  const isReadingMore = () => busy && pageAsked === asked;
  const draw = () => {
    drawing = false;
    if (stopped) return;
    const jobs = jobsWith(list, STATUSES[filter.status]);
    view.update({ list, jobs, filter, fault, link, busy: isReadingMore(), nowMs: Date.now() });
  };
  const drawSoon = () => {
    if (drawing || stopped) return;
    drawing = true;
    requestAnimationFrame(draw);
  };
  /**
   * Read a page; an answer that comes after another question was asked means nothing. Promises
   * whether the server can be reached.
   */
  const read = async (cursor, take) => {
    const question = (asked += 1);
    busy = true;
    drawSoon();
    try {
      const page = await listJobs({ ...questionOf(filter), cursor });
      if (stopped || question !== asked) return true;
      list = take(list, page);
      fault = null;
      return true;
    } catch (error) {
      if (stopped || question !== asked || handledBySignIn(error)) return true;
      fault = textOfError(error);
      return false;
    } finally {
      if (question === asked) busy = false;
      drawSoon();
    }
  };
  /** Read the newest page; a page that people asked for comes first. */
  const refresh = () => (isReadingMore() ? refreshSoon() : read(null, withNewest));
  const refreshSoon = () => {
    if (soon !== null || stopped) return;
    soon = setTimeout(() => {
      soon = null;
      refresh();
    }, ASK_SOON_MS);
  };
  const more = async () => {
    if (isReadingMore()) return;
    const isDropping = busy;
    pageAsked = asked + 1;
    await read(list.nextCursor, withMore);
    if (isDropping) refreshSoon();
  };
  const change = (part) => {
    filter = { ...filter, ...part };
    list = NO_JOBS;
    askedFor.clear();
    history.replaceState(null, "", hashOf("#/jobs", shownIn(filter)));
    read(null, withNewest);
  };
  const asks = {
    change,
    more,
    again: refresh,
    retry: async (job) => {
      try {
        await control(job.jobId, "retry");
        say(t("imports.retried", { name: job.fileName }));
        refresh();
      } catch (error) {
        if (handledBySignIn(error)) return;
        fault = textOfError(error);
        drawSoon();
      }
    },
    erase: (job) => openDialog({
      title: t("imports.eraseTitle", { name: job.fileName }),
      body: [t("imports.eraseText")],
      confirm: { text: t("imports.eraseNow"), busy: t("imports.erasing"), danger: true },
      act: async () => {
        await orSignIn(handledBySignIn, () => eraseJob(job.jobId));
        list = without(list, job.jobId);
        say(t("imports.erased", { name: job.fileName }));
        drawSoon();
      },
    }),
  };
  const view = importsView({ withAll: isOperator(user) }, asks);
  const follower = followJobs(
    {
      setTimer: (call, ms) => setTimeout(call, ms),
      clearTimer: (timer) => clearTimeout(timer),
      openSource: () => new EventSource(manyStreamAddress(isOperator(user) ? "all" : "visible")),
      ask: refresh,
    },
    {
      onMessage: (message) => {
        if (list.isLoaded && isWorthAsking(list, message, askedFor)) {
          askedFor.set(message.jobId, message.status);
          refreshSoon();
        }
        list = withMessage(list, message);
        drawSoon();
      },
      onLink: (now) => {
        link = now;
        drawSoon();
      },
    },
  );
  const onOnline = () => follower.retryNow();
  window.addEventListener("online", onOnline);
  window.addEventListener("offline", follower.lost);
  outside.onSignedIn(() => {
    follower.retryNow();
    refresh();
  });
  const ticker = setInterval(drawSoon, TICK_MS);
  targets().then((found) => stopped || view.offerTargets(found.map(({ name }) => name)), () => {});
  draw();
  refresh();
  return {
    nodes: [view.node],
    stop() {
      stopped = true;
      follower.stop();
      view.stop();
      clearInterval(ticker);
      clearTimeout(soon);
      window.removeEventListener("online", onOnline);
      window.removeEventListener("offline", follower.lost);
    },
  };
}

function filterOf({ scope, status, target = "", q = "" }, user) {
  const scopes = isOperator(user) ? ["mine", "shared", "all"] : ["mine", "shared"];
  return { scope: scopes.includes(scope) ? scope : "mine", status: STATUSES[status] ? status : "", target, q };
}

function questionOf({ scope, status, target, q }) {
  return { scope, target, q, status: STATUSES[status] ?? [] };
}

/** What is usual is not said in the address. */
function shownIn(filter) {
  return { ...filter, scope: filter.scope === "mine" ? "" : filter.scope };
}
