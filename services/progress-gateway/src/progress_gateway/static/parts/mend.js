/** Mending an import that has ended: the rows to fix as a file, the way back, and how it heals. */

import { mendingOf } from "../model/mending.js";
import { t } from "../words/messages.js";
import { correctionDrop } from "./correction_drop.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { fileLinks } from "./file_links.js";

/** Return `{node, update(state)}`; `correct(file, {onProgress, signal})` uploads a corrected file. */
export function mendCard(jobId, correct, isHandled) {
  const title = el("h2");
  const dry = el("p", { class: "quiet", text: t("mend.howDry") });
  const drop = correctionDrop(correct);
  const files = fileLinks(jobId, "failed", isHandled);
  const steps = stepList(files.node, drop.node);
  const healing = healingLine();
  const unprocessed = unprocessedPart(jobId, isHandled);
  const node = el(
    "section",
    { class: "card mend", id: "mend", "data-part": "mend", hidden: true },
    title, healing.node, dry, steps.node, unprocessed.node,
  );
  return {
    node,
    update(state) {
      const offered = mendingOf(state);
      const isDry = state.snapshot?.data.dryRun === true;
      healing.update(state);
      if (state.snapshot !== null) drop.update(state.snapshot, state.link === "ended");
      const showsSteps = offered.download || drop.isBusy();
      const hasFailed = showsSteps || healing.isShown();
      unprocessed.update(offered.unprocessed, state, hasFailed);
      setShown(node, hasFailed || offered.unprocessed);
      setText(title, titleText(hasFailed, isDry));
      setShown(dry, isDry && offered.download);
      setShown(steps.node, showsSteps);
      if (showsSteps) steps.update(state.snapshot.data.failedRows ?? 0, offered.upload || drop.isBusy());
    },
  };
}

function titleText(hasFailed, isDry) {
  if (!hasFailed) return t("mend.unprocessed");
  return t(isDry ? "mend.titleDry" : "mend.title");
}

function stepList(files, drop) {
  const count = el("span", { class: "quiet count" });
  const first = el("li", {}, el("p", {}, el("strong", { text: t("mend.step1") }), " ", count), files);
  const second = el("li", {}, el("p", { text: t("mend.step2") }));
  const third = el("li", {}, el("p", { text: t("mend.step3") }), drop);
  const node = el("ol", { class: "steps" }, first, second, third);
  return {
    node,
    update(failedRows, takesFile) {
      setText(count, t("errors.rows", { count: failedRows }));
      setShown(second, takesFile);
      setShown(third, takesFile);
      setAttribute(node, "class", takesFile ? "steps" : "steps single");
    },
  };
}

/** What corrections have done so far: amber while something is left to fix, then green. */
function healingLine() {
  const node = el("p", { class: "healing", hidden: true });
  return {
    node,
    isShown: () => !node.hidden,
    update({ snapshot }) {
      const { healedRows = 0, failedRows = 0, ongoing = null } = snapshot?.data ?? {};
      const isUndone = snapshot?.status === "undone" || ongoing === "undo";
      setShown(node, !isUndone && (healedRows > 0 || ongoing === "correction"));
      const isWhole = failedRows === 0 && ongoing === null;
      const counts = { healed: healedRows, failed: failedRows };
      setText(node, isWhole ? t("mend.allHealed") : t("mend.healing", counts));
      setAttribute(node, "class", isWhole ? "healing good" : "healing warned");
    },
  };
}

function unprocessedPart(jobId, isHandled) {
  const how = el("p");
  const files = fileLinks(jobId, "unprocessed", isHandled);
  const title = el("h3", { text: t("mend.unprocessed") });
  const node = el("div", { class: "unprocessed", hidden: true }, title, how, files.node);
  return {
    node,
    update(isOffered, { snapshot }, isBelow) {
      setShown(node, isOffered);
      setShown(title, isBelow); // alone it is what the whole card is named for
      setText(how, t("mend.unprocessedHow", { count: snapshot?.data.unprocessedRows ?? 0 }));
    },
  };
}
