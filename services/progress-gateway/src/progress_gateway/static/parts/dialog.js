/** One dialog for every question: focus stays inside, Escape leaves, and what goes wrong is said in it. */

import { el, setAttribute, setShown, setText } from "./dom.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

let opened = 0;

/**
 * Open a modal dialog; return `{node, close(), fail(text), closed}`.
 *
 * `title` is its heading and `body` its nodes and texts. `confirm` is `{text, busy, danger}`, the
 * button that does it; without one there is only the button that closes. `typed` is a word that
 * has to be typed before. `act()` does what was confirmed: the dialog shows `busy` until its
 * promise is kept and then closes; an error of it is shown and the dialog stays. `leave` is the
 * text of the other button. `closed` promises whether it was confirmed and done.
 */
export function openDialog({ title, body, confirm = null, typed = null, act = async () => {}, leave }) {
  const parts = partsOf({ title, body, confirm, typed, leave });
  const before = document.activeElement;
  let busy = false;
  let done = false;
  const setBusy = (now) => {
    busy = now;
    setAttribute(parts.form, "aria-busy", now);
    parts.refresh(now);
  };
  const fail = (text) => {
    setText(parts.fault, text);
    setShown(parts.fault, text !== "");
  };
  const close = () => parts.node.close();
  parts.form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !parts.mayConfirm()) return;
    setShown(parts.fault, false);
    setBusy(true);
    try {
      await act();
      done = true;
      close();
    } catch (error) {
      fail(textOfError(error));
    } finally {
      setBusy(false);
    }
  });
  parts.leave.addEventListener("click", () => busy || close());
  parts.node.addEventListener("cancel", (event) => busy && event.preventDefault());
  const closed = new Promise((resolve) => {
    parts.node.addEventListener("close", () => {
      parts.node.remove();
      giveFocusBack(before);
      resolve(done);
    });
  });
  document.body.append(parts.node);
  parts.node.showModal();
  parts.first.focus();
  return { node: parts.node, close, fail, closed };
}

function partsOf({ title, body, confirm, typed, leave }) {
  opened += 1;
  const id = `dialog-${opened}`;
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const word = typed === null ? null : wordField(id, typed);
  const leaveText = leave ?? t(confirm ? "dialog.cancel" : "dialog.close");
  const leaveButton = el("button", { class: "button", type: "button", text: leaveText });
  const kind = confirm?.danger ? "danger" : "primary";
  const button = confirm && el("button", { class: `button ${kind}`, type: "submit", text: confirm.text });
  const form = el(
    "form",
    { class: "dialog-form", novalidate: true },
    el("h2", { id, text: title }),
    el("div", { class: "dialog-body" }, ...body),
    word?.row,
    fault,
    el("div", { class: "dialog-buttons" }, leaveButton, button),
  );
  const node = el("dialog", { class: "dialog", "aria-labelledby": id }, form);
  const mayConfirm = () => button !== null && (word === null || word.isRight());
  const refresh = (busy) => {
    if (button === null) return;
    button.disabled = !mayConfirm();
    // Busy is not disabled: the focus stays where it is
    for (const each of [button, leaveButton]) setAttribute(each, "aria-disabled", busy);
    setText(button, busy ? (confirm.busy ?? confirm.text) : confirm.text);
  };
  word?.input.addEventListener("input", () => refresh(false));
  refresh(false);
  const first = word?.input ?? form.querySelector(".dialog-body :is(input, select, button)") ?? leaveButton;
  return { node, form, fault, leave: leaveButton, first, mayConfirm, refresh };
}

/** What must be typed is compared without case and accents: it asks for thought, not for spelling. */
function wordField(id, typed) {
  const input = el("input", { id: `${id}-word`, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const label = el("label", { for: `${id}-word`, text: t("dialog.type", { word: typed }) });
  const plain = (text) => text.trim().toLowerCase().normalize("NFD").replace(/\p{Diacritic}/gu, "");
  return {
    input,
    row: el("div", { class: "field" }, label, input),
    isRight: () => plain(input.value) === plain(typed),
  };
}

/** Ask whether an upload may be stopped by leaving its page; promise the answer. */
export function askToLeave() {
  return openDialog({
    title: t("leave.title"),
    body: [t("leave.text")],
    confirm: { text: t("leave.now"), danger: true },
    leave: t("leave.stay"),
  }).closed;
}

/** A question goes with the page that asked it, and with its user; the sign-in is of no page. */
export function closeDialogs() {
  for (const node of document.querySelectorAll("dialog.dialog[open]:not(.sign-in-dialog)")) node.close();
}

/**
 * The element that opened the dialog may be gone or hidden by now: then the page has the focus,
 * unless one that came meanwhile has put it somewhere.
 */
function giveFocusBack(before) {
  if (![null, document.body, before].includes(document.activeElement)) return;
  before?.focus?.();
  if (document.activeElement !== before) document.getElementById("main")?.focus({ preventScroll: true });
}
