/** One dead letter as it is seen: facts, headers, and the decoded payload. */

import { formatBytes, formatCount, formatMoment } from "../model/format.js";
import { locale, t, textOr } from "../words/messages.js";
import { el, setShown, setText } from "./dom.js";
import { stateBadge } from "./letters_view.js";
import { opsNav } from "./ops_nav.js";

const WAITING = new Set(["open", "parked"]);

/** Return `{node, update({letter, fault, nowMs})}`; `asks`: `again`, `replay`, `discard`. */
export function letterView(letterId, asks) {
  const badge = el("span");
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const again = el("button", { class: "button small", type: "button", text: t("problem.retry"), on: { click: asks.again }, hidden: true });
  const replay = el("button", { class: "button primary", type: "button", text: t("letters.replay"), on: { click: asks.replay } });
  const discard = el("button", { class: "button", type: "button", text: t("letters.discard"), on: { click: asks.discard } });
  const buttons = el("div", { class: "controls", hidden: true }, replay, discard);
  const loading = el("p", { class: "quiet", text: t("letters.loading") });
  const body = el("div", { class: "letter-blocks" });
  const node = el(
    "section",
    { class: "ops-page", "data-part": "ops-letter" },
    opsNav("#/ops/letters"),
    el("a", { href: "#/ops/letters", text: t("letters.back") }),
    el("div", { class: "split" }, el("h1", { text: t("letters.letter", { id: letterId }) }), badge),
    fault,
    again,
    loading,
    buttons,
    body,
  );
  return {
    node,
    update({ letter, fault: why, nowMs }) {
      setShown(loading, false);
      setShown(fault, why !== null);
      setShown(again, why !== null);
      setText(fault, why ?? "");
      setShown(buttons, letter !== null && WAITING.has(letter.state));
      badge.replaceChildren(...(letter ? [stateBadge(letter.state)] : []));
      body.replaceChildren(...(letter ? blocksOf(letter, nowMs) : []));
    },
  };
}

function blocksOf(letter, nowMs) {
  const blocks = [factsBlock(letter, nowMs)];
  if (letter.record === null) return [...blocks, el("p", { class: "card notice warned", text: t("letters.lost") })];
  return [...blocks, payloadBlock(letter.record.payload), headersBlock(letter.record.headers)];
}

function factsBlock(letter, nowMs) {
  const moment = (iso) => formatMoment(iso, nowMs, locale());
  const place = (topic, partition, offset) => el("span", { class: "code", text: `${topic} · ${partition} · ${offset}` });
  const facts = [
    ["letters.class", el("span", { class: "code", text: letter.errorClass })],
    ["letters.message", letter.errorMessage],
    ["letters.job", letter.jobId ? el("a", { class: "code", href: `#/jobs/${letter.jobId}`, text: letter.jobId }) : t("letters.noJob")],
    ["letters.chunk", formatCount(letter.chunkNo, locale())],
    ["letters.attempts", formatCount(letter.attempts, locale())],
    ["letters.replays", formatCount(letter.replayCount, locale())],
    ["letters.firstFailedAt", moment(letter.firstFailedAt)],
    ["letters.failedAt", moment(letter.lastFailedAt)],
    ["letters.from", place(letter.originalTopic, letter.originalPartition, letter.originalOffset)],
    ["letters.kept", place(letter.topic, letter.partition, letter.kafkaOffset)],
    ["letters.size", formatBytes(letter.sizeBytes, locale())],
  ];
  if (letter.stateReason) facts.splice(2, 0, ["letters.reason", letter.stateReason]);
  const rows = facts.flatMap(([key, value]) => [el("dt", { text: t(key) }), el("dd", {}, value)]);
  return el("dl", { class: "letter-facts card" }, ...rows);
}

function headersBlock(headers) {
  const rows = headers.map(({ name, value }) => el(
    "tr",
    {},
    el("th", { scope: "row", class: "code", text: name }),
    el("td", { class: "code", text: value ?? "–" }),
  ));
  const table = el("table", { class: "list" }, el("tbody", {}, ...rows));
  table.setAttribute("aria-label", t("letters.headers"));
  return el("section", { class: "ops-block" }, el("h2", { text: t("letters.headers") }), el("div", { class: "scroll" }, table));
}

function payloadBlock(payload) {
  const shown = payload.kind === "chunk" ? chunkTable(payload) : [plainPayload(payload)];
  return el("section", { class: "ops-block" }, el("h2", { text: t("letters.payload") }), ...shown);
}

function plainPayload(payload) {
  const { kind, ...more } = payload;
  if (kind === "empty") return el("p", { class: "quiet", text: t("letters.emptyPayload") });
  const body = kind === "fact" ? payload.body : more;
  return el("pre", { class: "payload", tabindex: 0, text: JSON.stringify(body, null, 2) });
}

/** A chunk's first rows; whoever may not see cells is told their kind and their length. */
function chunkTable(payload) {
  const about = t("letters.chunkIs", {
    chunk: payload.chunkNo, rows: payload.rows, first: payload.firstLine, last: payload.lastLine, run: payload.run,
  });
  const hidden = payload.firstRows.some(({ cells }) => cells.some((cell) => cell && !("text" in cell)));
  const rows = payload.firstRows.map(({ line, cells }) => el(
    "tr",
    {},
    el("th", { scope: "row", class: "number", text: formatCount(line, locale()) }),
    ...cells.map((cell) => el("td", { class: "cell" }, cellNode(cell))),
  ));
  const table = el("table", { class: "list cells" }, el("tbody", {}, ...rows));
  table.setAttribute("aria-label", t("letters.firstRows"));
  return [
    el("p", { text: about }),
    hidden ? el("p", { class: "quiet", text: t("letters.cellsHidden") }) : null,
    el("div", { class: "scroll", tabindex: 0 }, table),
  ].filter(Boolean);
}

function cellNode(cell) {
  if (cell === null) return el("span", { class: "quiet", text: "–" });
  if ("text" in cell) return el("span", { text: cell.text });
  const kind = textOr(`cell.${cell.kind}`, cell.kind);
  return el("span", { class: "quiet", text: t("letters.cellOf", { kind, count: cell.length }) });
}
