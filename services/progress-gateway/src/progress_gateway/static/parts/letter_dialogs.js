/** What is asked before dead letters are sent again, or given up. */

import { ApiProblem } from "../outside/api.js";
import { formatCount } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";
import { openDialog } from "./dialog.js";
import { el, setText } from "./dom.js";

const RATES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
const USUAL_RATE = 5;

/** Ask how fast, after a dry run has told what would be sent; `start({ratePerSecond})` begins. */
export function replayDialog({ dryRun, start }) {
  const told = el("div", { class: "dry-counts", "aria-live": "polite" }, el("p", { class: "quiet", text: t("replay.counting") }));
  const rate = el("input", { type: "range", id: "replay-rate", min: 0, max: RATES.length - 1, value: USUAL_RATE });
  const shown = el("output", { for: "replay-rate" });
  const takes = el("p", { class: "quiet small-text" });
  let selected = 0;
  const show = () => {
    const perSecond = RATES[Number(rate.value)];
    const text = t("replay.perSecond", { count: perSecond });
    setText(shown, text);
    rate.setAttribute("aria-valuetext", text);
    setText(takes, selected ? t("replay.takes", { count: Math.max(1, Math.ceil(selected / perSecond)) }) : "");
  };
  rate.addEventListener("input", show);
  show();
  const dialog = openDialog({
    title: t("replay.title"),
    body: [
      told,
      el("div", { class: "field" }, el("label", { for: "replay-rate", text: t("replay.rate") }), rate, shown, takes),
      el("p", { class: "quiet small-text", text: t("replay.harmless") }),
    ],
    confirm: { text: t("replay.start"), busy: t("replay.starting") },
    act: () => {
      if (selected === 0) throw refusal("replay.nothing");
      return start({ ratePerSecond: RATES[Number(rate.value)] });
    },
  });
  dryRun({}).then(
    (answer) => {
      selected = answer.selected;
      told.replaceChildren(...histogram(answer));
      show();
    },
    (error) => dialog.fail(textOfError(error)),
  );
}

function histogram({ selected, histogram: counted }) {
  const classes = counted.byClass.map(({ name, count }) => el(
    "li",
    {},
    el("span", { class: "code", text: name }),
    el("strong", { text: formatCount(count, locale()) }),
  ));
  const jobs = counted.byJob.filter(({ name }) => name !== null).length;
  return [
    el("p", {}, el("strong", { text: t("replay.wouldSend", { count: selected }) }), " ", t("replay.ofJobs", { count: jobs })),
    el("ul", { class: "counts-list plain" }, ...classes),
  ];
}

/** What the dialog itself refuses is said like an answer of the server. */
function refusal(key) {
  return new ApiProblem(422, { detail: t(key) });
}

/** Ask why, and give the chosen letters up by `discard(reason)`; `done(count)` is told how many it were. */
export function discardDialog(discard, done) {
  const reason = el("textarea", { id: "discard-reason", rows: 3, maxlength: 500, required: true });
  openDialog({
    title: t("letters.discardTitle"),
    body: [
      t("letters.discardText"),
      el("div", { class: "field" }, el("label", { for: "discard-reason", text: t("letters.reason") }), reason),
    ],
    confirm: { text: t("letters.discardNow"), busy: t("letters.discarding"), danger: true },
    act: async () => {
      const text = reason.value.trim();
      if (!text) throw refusal("letters.reasonMissing");
      done((await discard(text)).discarded);
    },
  });
}
