/** Signing in: the form, alone on the page or in a dialog over it. */

import { signIn } from "../outside/api.js";
import { el, setShown, setText } from "./dom.js";
import { t } from "../words/messages.js";
import { textOfSignIn } from "../words/sign_in_text.js";

/** Return the page for who is not signed in; `onSignedIn()` is called when the cookie is set. */
export function signInView(onSignedIn) {
  const form = signInForm(onSignedIn);
  form.node.classList.add("card");
  const node = el(
    "section",
    { class: "narrow" },
    el("img", { class: "sign-in-logo", src: "/static/logo.svg", alt: "", width: 56, height: 56 }),
    el("h1", { text: t("signIn.title") }),
    el("p", { class: "lead", text: t("signIn.lead") }),
    form.node,
  );
  return { node, focus: form.focus, stop: () => {} };
}

/**
 * Return the dialog over a page whose session has ended: `{open(username), close()}`.
 * Escape does not close it: what was chosen behind it would be lost by a slip. `leave()` is asked
 * for by its second button.
 */
export function signInDialog({ onSignedIn, leave }) {
  const form = signInForm(onSignedIn);
  const go = el("button", { class: "button wide", type: "button", text: t("signIn.leave") });
  go.addEventListener("click", () => leave());
  const node = el(
    "dialog",
    { class: "dialog sign-in-dialog", "aria-labelledby": "sign-in-ended", "data-part": "sign-in" },
    el("h2", { id: "sign-in-ended", text: t("signIn.ended") }),
    el("p", { class: "quiet", text: t("signIn.endedLead") }),
    form.node,
    go,
  );
  node.addEventListener("cancel", (event) => event.preventDefault());
  // Browsers close on a second Escape without asking
  node.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
  return {
    open(username) {
      if (node.open) return;
      document.body.append(node);
      node.showModal();
      form.focus(username);
    },
    close() {
      node.close();
      node.remove();
    },
  };
}

function signInForm(onSignedIn) {
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const submit = el("button", { class: "button primary wide", type: "submit", text: t("signIn.submit") });
  const username = field("username", t("signIn.username"), "text", "username");
  const password = field("password", t("signIn.password"), "password", "current-password");
  const node = el("form", { class: "sign-in" }, username.row, password.row, fault, submit);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    setText(submit, t("signIn.busy"));
    setShown(fault, false);
    try {
      await signIn(username.input.value, password.input.value);
      await onSignedIn();
    } catch (error) {
      setText(fault, textOfSignIn(error, Date.now()));
      setShown(fault, true);
      password.input.select();
    } finally {
      submit.disabled = false;
      setText(submit, t("signIn.submit"));
    }
  });
  return {
    node,
    /** Begin at the password when it is known who is asked for. */
    focus(known) {
      if (known) username.input.value = known;
      (known ? password : username).input.focus();
    },
  };
}

function field(name, label, type, autocomplete) {
  const id = `sign-in-${name}`;
  const input = el("input", {
    id, name, type, autocomplete, required: true, autocapitalize: "none", spellcheck: "false",
  });
  return { input, row: el("div", { class: "field" }, el("label", { for: id, text: label }), input) };
}
