/** What a dry run says from its first moment on: nothing is written; and how to do it for real. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { forRealHash } from "../model/routes.js";
import { isTerminal } from "../model/snapshot.js";
import { t } from "../words/messages.js";

/** Return `{node, update(state, job)}`. */
export function dryRunCard(jobId) {
  const text = el("p");
  const link = el("a", { class: "button primary", text: t("run.forReal"), hidden: true });
  const node = el("section", { class: "card dry-run", "data-part": "dry-run", hidden: true }, text, link);
  return {
    node,
    update({ snapshot, right }, job) {
      const isDry = (snapshot?.data.dryRun ?? job?.dryRun) === true;
      setShown(node, isDry);
      if (!isDry) return;
      const ended = isTerminal(snapshot?.status);
      setText(text, t(ended ? "run.dryWas" : "run.dryIs"));
      setShown(link, ended && job !== null && right === "own");
      if (job !== null) setAttribute(link, "href", forRealHash(jobId, job));
    },
  };
}
