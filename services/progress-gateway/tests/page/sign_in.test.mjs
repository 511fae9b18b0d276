import assert from "node:assert/strict";
import test from "node:test";

import { ApiProblem, Unreachable } from "../../src/progress_gateway/static/outside/api.js";
import { keepSession, orSignIn } from "../../src/progress_gateway/static/pages/session.js";
import { textOfSignIn } from "../../src/progress_gateway/static/words/sign_in_text.js";

const ALICE = { userId: "a", username: "alice" };
const BOB = { userId: "b", username: "bob" };
const ENDED = new ApiProblem(401, { code: "TOKEN_INVALID" });

/** A session whose server answers `who`, with the dialog that it opens. */
async function sessionOf(who) {
  const told = { who, shown: 0, opened: [], closed: 0, dialog: null, returned: null };
  const session = keepSession(
    { show: () => (told.shown += 1) },
    {
      whoAmI: async () => told.who,
      signOut: async () => (told.who = null),
      dialog: (does) => {
        told.dialog = does;
        return { open: (name) => told.opened.push(name), close: () => (told.closed += 1) };
      },
      onReturn: (call) => (told.returned = call),
    },
  );
  session.begin(await session.ask());
  return { session, told };
}

test("a session that ends opens one dialog, and the page behind it goes on", async () => {
  const { session, told } = await sessionOf(ALICE);
  const wentOn = [];
  session.onSignedIn(() => wentOn.push("stream"));
  assert.equal(session.handledBySignIn(new ApiProblem(403, {})), false);
  assert.equal(session.handledBySignIn(ENDED), true);
  assert.equal(session.handledBySignIn(ENDED), true);
  assert.equal(new Set(told.opened).size, 1, "it is the same dialog, at the same name");
  await told.dialog.onSignedIn();
  assert.deepEqual([wentOn, told.closed, told.shown], [["stream"], 1, 1]);
  assert.equal(session.user(), ALICE);
});

test("another user sees nothing of the one before", async () => {
  const { session, told } = await sessionOf(ALICE);
  session.onSignedIn(() => assert.fail("the page of somebody else went on"));
  session.handledBySignIn(ENDED);
  told.who = BOB;
  await told.dialog.onSignedIn();
  assert.deepEqual([session.user(), told.shown, told.closed], [BOB, 2, 1]);
});

test("a page that was left is not told, and leaving shows the sign-in", async () => {
  const { session, told } = await sessionOf(ALICE);
  session.onSignedIn(() => assert.fail("a page that is gone went on"));
  session.forgetPage();
  session.handledBySignIn(ENDED);
  await told.dialog.onSignedIn();
  session.handledBySignIn(ENDED);
  told.dialog.leave();
  assert.deepEqual([session.user(), told.closed], [null, 2]);
  assert.equal(session.handledBySignIn(ENDED), true, "nobody needs no dialog");
  assert.equal(told.opened.length, 2);
});

test("who signed in in another tab goes on when this one is looked at", async () => {
  const { session, told } = await sessionOf(ALICE);
  session.handledBySignIn(ENDED);
  told.who = null;
  await told.returned();
  assert.equal(told.closed, 0);
  told.who = ALICE;
  await told.returned();
  assert.equal(told.closed, 1);
});

test("a sign-in that fails says why, and when to try again", () => {
  const text = (status, body = {}, after = null) =>
    textOfSignIn(new ApiProblem(status, body, after), Date.UTC(2026, 4, 12, 12, 0));
  assert.match(text(401, { detail: "The name or the password is wrong." }), /not right/);
  assert.match(text(429, {}, "870"), /in 14 min 30 sec, at \d\d:14:30/);
  assert.match(text(429), /a few minutes/);
  assert.match(text(503, {}, "5"), /in 5 s/);
  assert.match(text(403, { code: "LOGIN_OFF" }), /company/);
  assert.equal(text(403, { code: "FOREIGN_ORIGIN", detail: "From another site." }), "From another site.");
  assert.match(textOfSignIn(new Unreachable(), 0), /what you typed stays/);
});

test("a session that ends while a dialog acts opens the sign-in, and the dialog hears of it", async () => {
  const { session, told } = await sessionOf(ALICE);
  const refused = (error) => orSignIn(session.handledBySignIn, async () => { throw error; });
  await assert.rejects(refused(new ApiProblem(409, {})));
  assert.deepEqual(told.opened, [], "another refusal is the dialog's alone");
  await assert.rejects(refused(ENDED), ENDED);
  assert.deepEqual(told.opened, ["alice"]);
  assert.equal(await orSignIn(session.handledBySignIn, async () => 7), 7);
});
