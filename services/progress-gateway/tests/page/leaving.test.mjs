import assert from "node:assert/strict";
import test from "node:test";

import { guardLeaving } from "../../src/progress_gateway/static/pages/leaving.js";

const MOVED = { oldURL: "https://x/#/", newURL: "https://x/#/jobs" };

/** A page that holds an upload or not, and who is asked answers when `told.answer` is called. */
function guarded(isHeld) {
  const told = { isHeld, did: [], answer: null };
  const guard = guardLeaving({
    holds: () => told.isHeld,
    ask: () => new Promise((resolve) => (told.answer = resolve)),
    putBack: (url) => told.did.push(`back to ${url}`),
    letGo: () => told.did.push("let go"),
    goTo: (url) => told.did.push(`on to ${url}`),
    show: () => told.did.push("shown"),
  });
  return { guard, told };
}

test("a page that holds nothing is left without a question", async () => {
  const { guard, told } = guarded(false);
  await guard.onAddress(MOVED);
  assert.deepEqual([told.did, told.answer, await guard.mayLeave()], [["shown"], null, true]);
});

test("a link away from an upload asks first, and leads on when that is allowed", async () => {
  const { guard, told } = guarded(true);
  const done = guard.onAddress(MOVED);
  assert.deepEqual(told.did, [`back to ${MOVED.oldURL}`], "the page stays while it asks");
  told.answer(true);
  await done;
  assert.deepEqual(told.did.slice(1), ["let go", `on to ${MOVED.newURL}`]);
});

test("who stays keeps the upload and its address", async () => {
  const { guard, told } = guarded(true);
  const done = guard.onAddress(MOVED);
  told.answer(false);
  await done;
  assert.deepEqual(told.did, [`back to ${MOVED.oldURL}`]);
});

test("one question at a time: another way out meanwhile is no answer", async () => {
  const { guard, told } = guarded(true);
  const done = guard.onAddress(MOVED);
  const { answer } = told;
  await guard.onAddress(MOVED);
  assert.equal(await guard.mayLeave(), false);
  assert.equal(told.answer, answer, "it was asked once");
  answer(false);
  await done;
  const out = guard.mayLeave();
  told.answer(true);
  assert.equal(await out, true, "the next time it is asked again");
});

test("an upload that is over goes on by itself, also while the question stands there", async () => {
  const { guard, told } = guarded(true);
  const done = guard.onAddress(MOVED);
  told.isHeld = false;
  await guard.onAddress({ oldURL: "https://x/#/", newURL: "https://x/#/jobs/1" });
  told.answer(false); // the dialog was closed with its page
  await done;
  assert.deepEqual(told.did, [`back to ${MOVED.oldURL}`, "shown"]);
});
