/** The sign-in form. */

import { ApiProblem, signIn } from "../outside/api.js";
import { el, setShown, setText } from "./dom.js";
import { t } from "../words/messages.js";
import { textOfError } from "../words/problem_text.js";

/** Return the view; `onSignedIn()` is called when the cookie is set. */
export function signInView(onSignedIn) {
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const submit = el("button", { class: "button primary wide", type: "submit", text: t("signIn.submit") });
  const username = field("username", t("signIn.username"), "text", "username");
  const password = field("password", t("signIn.password"), "password", "current-password");
  const form = el("form", { class: "card sign-in" }, username.row, password.row, fault, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    setText(submit, t("signIn.busy"));
    try {
      await signIn(username.input.value, password.input.value);
      onSignedIn();
    } catch (error) {
      const wrong = error instanceof ApiProblem && error.status === 401;
      setText(fault, wrong ? t("signIn.wrong") : textOfError(error));
      setShown(fault, true);
      password.input.select();
    } finally {
      submit.disabled = false;
      setText(submit, t("signIn.submit"));
    }
  });
  const node = el(
    "section",
    { class: "narrow" },
    el("img", { class: "sign-in-logo", src: "/static/logo.svg", alt: "", width: 56, height: 56 }),
    el("h1", { text: t("signIn.title") }),
    el("p", { class: "lead", text: t("signIn.lead") }),
    form,
  );
  return { node, focus: () => username.input.focus(), stop: () => {} };
}

function field(name, label, type, autocomplete) {
  const id = `sign-in-${name}`;
  const input = el("input", {
    id, name, type, autocomplete, required: true, autocapitalize: "none", spellcheck: "false",
  });
  return { input, row: el("div", { class: "field" }, el("label", { for: id, text: label }), input) };
}
