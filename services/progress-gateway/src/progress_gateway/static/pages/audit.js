/** Who did what: of one import for its owner, of everything for operators. */

import { job } from "../outside/api.js";
import { auditOfAll, auditOfJob } from "../outside/lists_api.js";
import { hashOf } from "../model/routes.js";
import { auditView } from "../parts/audit_view.js";
import { textOfError } from "../words/problem_text.js";

/** The page of one job's audit: `{nodes, stop()}`. */
export function auditPage({ jobId }, outside) {
  const page = auditList({ jobId }, outside, (cursor) => auditOfJob(jobId, cursor));
  job(jobId).then(({ fileName }) => page.view.name(fileName), () => {}); // the list tells what is wrong
  return page;
}

/** The page of everybody's audit, with filters. */
export function opsAuditPage(params, outside) {
  let filter = filterOf(params);
  const page = auditList({ filter }, outside, (cursor) => auditOfAll({ ...questionOf(filter), cursor }), (part) => {
    filter = { ...filter, ...part };
    history.replaceState(null, "", hashOf("#/ops/audit", filter));
    return filter;
  });
  return page;
}

function auditList({ jobId = null, filter = null }, { handledBySignIn, onSignedIn }, ask, narrow = () => null) {
  let entries = null;
  let nextCursor = null;
  let asked = 0;
  let stopped = false;
  const view = auditView({ jobId, filter }, {
    more: () => read(nextCursor),
    again: () => read(null),
    change: (part) => {
      view.narrowed(narrow(part));
      read(null);
    },
  });
  async function read(cursor) {
    const question = (asked += 1);
    try {
      const page = await ask(cursor);
      if (stopped || question !== asked) return;
      entries = cursor === null ? page.entries : [...entries, ...page.entries];
      ({ nextCursor } = page);
      view.update({ entries, hasMore: nextCursor !== null, fault: null, nowMs: Date.now() });
    } catch (error) {
      if (stopped || question !== asked || handledBySignIn(error)) return;
      view.update({ entries, hasMore: nextCursor !== null, fault: textOfError(error), nowMs: Date.now() });
    }
  }
  onSignedIn(() => read(null));
  read(null);
  return {
    view,
    nodes: [view.node],
    stop() {
      stopped = true;
    },
  };
}

function filterOf({ action = "", jobId = "", userId = "", since = "", until = "" }) {
  return { action, jobId, userId, since, until };
}

/** Days of the filter are days here: from their beginning to the end of the last one. */
function questionOf({ action, jobId, userId, since, until }) {
  const startOf = (day, more) => {
    const [year, month, date] = day.split("-").map(Number);
    return new Date(year, month - 1, date + more).toISOString();
  };
  return { action, jobId, userId, since: since && startOf(since, 0), until: until && startOf(until, 1) };
}
