/** Wires the page: who is signed in and the address decide what is shown. */

import { politely } from "./outside/announcer.js";
import { signOut, whoAmI } from "./outside/api.js";
import { el, setText } from "./parts/dom.js";
import { t } from "./words/messages.js";
import { runPage } from "./pages/run.js";
import { uploadPage } from "./pages/new_import.js";
import { textOfError } from "./words/problem_text.js";
import { signInView } from "./parts/sign_in.js";

const main = document.getElementById("main");
const timers = { setTimer: (call, ms) => setTimeout(call, ms), now: () => performance.now() };
const announcer = document.getElementById("announcer");
const say = politely((text) => setText(announcer, text), timers);
let current = { stop() {} };
let user = null;
const outside = { say, handledBySignIn, showProblem: (error) => showProblem(error, show) };

window.addEventListener("hashchange", show);
// A file dropped beside the drop zone would replace the page
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}
start();

async function start() {
  try {
    user = await whoAmI();
    show();
  } catch (error) {
    showProblem(error, start);
  }
}

function show() {
  current.stop();
  showNav();
  document.title = "Sluice";
  if (user === null) return showSignIn();
  const jobId = /^#\/jobs\/([0-9a-fA-F-]{36})$/.exec(location.hash)?.[1];
  current = jobId ? runPage(jobId.toLowerCase(), outside) : uploadPage(outside);
  main.replaceChildren(...current.nodes);
  main.focus({ preventScroll: true });
}

function showNav() {
  const nav = document.getElementById("top-nav");
  if (user === null) return nav.replaceChildren();
  const leave = el("button", { class: "button small", type: "button", text: t("nav.signOut") });
  leave.addEventListener("click", leaveNow);
  nav.replaceChildren(
    el("a", { href: "#/", text: t("nav.new") }),
    el("span", { class: "quiet who", text: t("nav.signedInAs", { username: user.username }) }),
    leave,
  );
}

async function leaveNow() {
  try {
    await signOut();
    becomeNobody();
  } catch (error) {
    showProblem(error, show);
  }
}

function becomeNobody() {
  user = null;
  show();
}

function showSignIn() {
  const view = signInView(start);
  main.replaceChildren(view.node);
  view.focus();
  current = view;
}

function showProblem(error, again) {
  const retry = el("button", { class: "button", type: "button", text: t("problem.retry") });
  retry.addEventListener("click", again);
  const text = el("p", { text: textOfError(error) });
  main.replaceChildren(el("div", { class: "card notice bad", role: "alert" }, text, retry));
}

/** Show the sign-in when that is what an error asks for; tell whether it was. */
function handledBySignIn(error) {
  if (error.status !== 401) return false;
  becomeNobody();
  return true;
}
