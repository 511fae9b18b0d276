/** With whom an import is shared: who, what they may, until when; and whether everybody sees it. */

import { openDialog } from "./dialog.js";
import { el, setAttribute, setShown, setText } from "./dom.js";
import { formatMoment } from "../model/format.js";
import { locale, t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

const DAY_MS = 86_400_000;
const TERMS = [["share.forEver", 0], ["share.oneDay", 1], ["share.oneWeek", 7], ["share.oneMonth", 30]];

/**
 * Open the dialog. `calls`: `list()`, `share(username, permissions, expiresAt)`, `unshare(userId)`
 * and `setPublic(isPublic)` of the server; `failed(error)` is told of every refusal.
 */
export function openShareDialog(calls, { nowMs, failed }) {
  const list = el("ul", { class: "share-list" });
  const none = el("p", { class: "quiet", text: t("share.loading") });
  const told = el("p", { class: "quiet", role: "status" });
  const everybody = el("input", { id: "share-public", type: "checkbox", disabled: true });
  const form = addForm(add);
  const dialog = openDialog({
    title: t("share.title"),
    body: [
      form.node,
      told,
      el("h3", { text: t("share.who") }),
      none,
      list,
      el("label", { class: "check", for: "share-public" }, everybody, el("span", { text: t("share.public") })),
    ],
  });
  setAttribute(dialog.node, "data-part", "share");
  const show = ({ isPublic, shares }) => {
    everybody.checked = isPublic;
    everybody.disabled = false;
    setText(none, t("share.nobody"));
    setShown(none, shares.length === 0);
    list.replaceChildren(...shares.map((share) => shareLine(share, nowMs(), takeBack)));
  };
  /** Do one thing at a time, say what became of it, and show what is then. */
  async function does(call, said) {
    dialog.fail("");
    try {
      await call();
      show(await calls.list());
      setText(told, said);
    } catch (error) {
      failed(error);
      if (everybody.disabled) setShown(none, false); // nothing is loading any more
      dialog.fail(textOfError(error));
    }
  }
  async function add({ username, permission, days }) {
    const expiresAt = days ? new Date(nowMs() + days * DAY_MS).toISOString() : null;
    await does(() => calls.share(username, permission, expiresAt), t("share.added", { username }));
  }
  async function takeBack({ userId, username }) {
    await does(() => calls.unshare(userId), t("share.takenBack", { username }));
    form.focus();
  }
  everybody.addEventListener("change", async () => {
    const isPublic = everybody.checked;
    everybody.disabled = true;
    await does(() => calls.setPublic(isPublic), t(isPublic ? "share.isPublic" : "share.isPrivate"));
    if (!everybody.disabled) return;
    everybody.disabled = false;
    everybody.checked = !isPublic;
  });
  does(async () => {}, "");
}

function addForm(add) {
  const name = el("input", { id: "share-name", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const permission = select("share-permission", [["share.view", "view"], ["share.control", "control"]]);
  const term = select("share-term", TERMS);
  const button = el("button", { class: "button primary", type: "button", text: t("share.add") });
  const send = async () => {
    const username = name.value.trim();
    if (!username || button.getAttribute("aria-disabled")) return name.focus();
    setAttribute(button, "aria-disabled", "true");
    setText(button, t("share.adding"));
    await add({ username, permission: permission.value, days: Number(term.value) });
    setAttribute(button, "aria-disabled", null);
    setText(button, t("share.add"));
    name.select();
  };
  button.addEventListener("click", send);
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    send();
  });
  const node = el(
    "div",
    { class: "share-form" },
    field(name, "share.name"), field(permission, "share.may"), field(term, "share.until"), button,
  );
  return { node, focus: () => name.focus() };
}

function select(id, options) {
  return el("select", { id }, ...options.map(([key, value]) => el("option", { value, text: t(key) })));
}

function field(input, key) {
  return el("div", { class: "field" }, el("label", { for: input.id, text: t(key) }), input);
}

function shareLine(share, nowMs, takeBack) {
  const { username, permission, expiresAt } = share;
  const may = t(permission === "control" ? "share.control" : "share.view");
  const until = expiresAt ? t("share.untilWhen", { when: formatMoment(expiresAt, nowMs, locale()) }) : t("share.forEver");
  const button = el("button", {
    class: "button small", type: "button", text: t("share.takeBack"),
    "aria-label": t("share.takeBackFrom", { username }),
  });
  button.addEventListener("click", async () => {
    setText(button, t("share.takingBack"));
    setAttribute(button, "aria-disabled", "true");
    await takeBack(share);
    setAttribute(button, "aria-disabled", null);
    setText(button, t("share.takeBack"));
  });
  const who = el("div", {}, el("strong", { text: username }), el("span", { class: "quiet", text: `${may} · ${until}` }));
  return el("li", {}, who, button);
}
