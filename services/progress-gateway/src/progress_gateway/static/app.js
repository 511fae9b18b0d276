/** Wires the page: who is signed in and the address decide what is shown. */

import { isOpenTo, routeOf } from "./model/routes.js";
import { politely } from "./outside/announcer.js";
import { remember, wantedLanguages } from "./outside/preferences.js";
import { auditPage, opsAuditPage } from "./pages/audit.js";
import { importsPage } from "./pages/imports.js";
import { uploadPage } from "./pages/new_import.js";
import { guardLeaving } from "./pages/leaving.js";
import { opening } from "./pages/opening.js";
import { opsPage } from "./pages/ops.js";
import { letterPage } from "./pages/ops_letter.js";
import { lettersPage } from "./pages/ops_letters.js";
import { replayPage } from "./pages/ops_replay.js";
import { runPage } from "./pages/run.js";
import { keepSession } from "./pages/session.js";
import { unknownPage } from "./pages/unknown.js";
import { askToLeave, closeDialogs } from "./parts/dialog.js";
import { el, setText } from "./parts/dom.js";
import { preferenceSwitches } from "./parts/preferences.js";
import { signInView } from "./parts/sign_in.js";
import { topNav } from "./parts/top_nav.js";
import { bestLanguage, spoken, t, useLanguage } from "./words/messages.js";
import { textOfError } from "./words/problem_text.js";

/** By the name of a route: `page(params, outside)` returns `{nodes, stop()}`; and its title. */
const PAGES = {
  new: uploadPage,
  imports: importsPage,
  run: runPage,
  audit: auditPage,
  ops: opsPage,
  letters: lettersPage,
  letter: letterPage,
  replay: replayPage,
  opsAudit: opsAuditPage,
};
const TITLES = {
  new: "nav.new",
  imports: "nav.imports",
  audit: "audit.title",
  ops: "nav.ops",
  letters: "letters.title",
  letter: "letters.title",
  replay: "replay.name",
  opsAudit: "audit.title",
  unknown: "unknown.title",
};

const main = document.getElementById("main");
const timers = { setTimer: (call, ms) => setTimeout(call, ms), now: () => performance.now() };
const announcer = document.getElementById("announcer");
const say = politely((text) => setText(announcer, text), timers);
const switches = preferenceSwitches(chooseLanguage);
let language = bestLanguage(wantedLanguages());
const NOTHING = { stop() {} };
let current = NOTHING;
const session = keepSession({ show });
const outside = {
  say,
  handledBySignIn: session.handledBySignIn,
  onSignedIn: session.onSignedIn,
  showProblem: (error) => showProblem(error, show),
  go: (hash) => (location.hash = hash),
  get user() {
    return session.user();
  },
};

const first = opening(
  {
    ask: session.ask,
    open: session.begin,
    wait: sayOpening,
    tell: (error, goesOn) => showProblem(error, startAnew, goesOn ? t("problem.byItself") : null),
  },
  { setTimer: (call, ms) => setTimeout(call, ms), clearTimer: (timer) => clearTimeout(timer) },
);

const leaving = guardLeaving({
  show,
  holds: () => current.holds?.() ?? false,
  ask: askToLeave,
  putBack: (url) => history.replaceState(null, "", url),
  letGo() {
    current.stop();
    current = NOTHING;
  },
  goTo: (url) => (location.href = url),
});

window.addEventListener("hashchange", leaving.onAddress);
// A file dropped beside the drop zone would replace the page
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}
// Its address would be one of a page
const skip = document.querySelector(".skip");
skip.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.querySelector(".top").append(switches.node);
speak();
first.start();

function sayOpening() {
  if (main.childElementCount === 0) main.append(el("p", { class: "quiet", role: "status", text: t("run.opening") }));
}

function startAnew() {
  main.replaceChildren();
  sayOpening();
  main.focus();
  first.start();
}

/** Speak the chosen language: what stands outside the pages follows at once. */
function speak() {
  useLanguage(language, wantedLanguages());
  document.documentElement.lang = language;
  setText(skip, t("nav.skip"));
  document.getElementById("top-nav").setAttribute("aria-label", t("nav.main"));
  switches.update();
}

/** A page that `holds()` an upload or `keeps()` a chosen file is not made anew for a language. */
function chooseLanguage(code) {
  language = code;
  remember("language", code);
  if (current.holds?.()) return switches.tell(t("language.later"));
  if (current.keeps?.()) return switches.tell(t("language.nextPage"));
  speak();
  show();
}

function show() {
  // Nobody knows yet whether there is anybody to sign in
  if (!first.isAnswered()) return first.tellAgain();
  current.stop();
  closeDialogs();
  session.forgetPage();
  if (spoken() !== language) speak();
  const user = session.user();
  const route = routeOf(location.hash);
  showNav(user, route);
  document.title = [TITLES[route.name] && t(TITLES[route.name]), "Sluice"].filter(Boolean).join(" · ");
  if (user === null) return showSignIn();
  const page = isOpenTo(route, user) ? PAGES[route.name] : null;
  current = page ? page(route.params, outside) : unknownPage({ isForOthers: !isOpenTo(route, user) });
  main.replaceChildren(...current.nodes);
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function showNav(user, route) {
  const nodes = user === null ? [] : topNav(user, route, leaveNow);
  document.getElementById("top-nav").replaceChildren(...nodes);
}

async function leaveNow() {
  if (!(await leaving.mayLeave())) return;
  try {
    await session.leave();
  } catch (error) {
    showProblem(error, show);
  }
}

function showSignIn() {
  const view = signInView(first.start);
  main.replaceChildren(view.node);
  view.focus();
  current = view;
}

function showProblem(error, again, more = null) {
  const retry = el("button", { class: "button", type: "button", text: t("problem.retry") });
  retry.addEventListener("click", again);
  const texts = [textOfError(error), more].filter(Boolean).map((text) => el("p", { text }));
  const node = el("div", { class: "card notice bad", role: "alert" }, ...texts, retry);
  main.replaceChildren(node);
  return node;
}
