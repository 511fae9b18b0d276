/** Who is signed in, and the sign-in that comes over the page when the session has ended. */

import * as api from "../outside/api.js";
import { signInDialog } from "../parts/sign_in.js";

const BROWSER = {
  whoAmI: api.whoAmI,
  signOut: api.signOut,
  dialog: signInDialog,
  onReturn: (call) =>
    document.addEventListener("visibilitychange", () => document.hidden || call()),
};

/** Do a call of a dialog: the sign-in opens over it when that is what an error asks for, and it stays. */
export async function orSignIn(handledBySignIn, call) {
  try {
    return await call();
  } catch (error) {
    handledBySignIn(error);
    throw error;
  }
}

/**
 * Return the session. `show()` shows everything anew: another user, or nobody.
 * `ask()` who it is now, it throws when nobody can tell; `begin(now)` shows everything to them.
 * `user()`: who it is, null before `begin()` and after signing out; `handledBySignIn(error)` opens
 * the dialog when that is what an error asks for and tells so; `onSignedIn(call)` tells the page
 * that is shown to go on, until `forgetPage()`.
 */
export function keepSession({ show }, outer = BROWSER) {
  let user = null;
  let dialog = null;
  let waiting = [];

  function begin(now) {
    user = now;
    show();
  }
  async function goOn() {
    const now = await outer.whoAmI();
    if (now === null || dialog === null) return;
    const isSame = now.userId === user?.userId;
    close();
    user = now;
    if (!isSame) return show();
    for (const call of [...waiting]) call();
  }
  function close() {
    dialog?.close();
    dialog = null;
  }
  function becomeNobody() {
    close();
    user = null;
    show();
  }
  function handledBySignIn(error) {
    if (error?.status !== 401) return false;
    if (user === null) return true; // the sign-in is what is shown
    dialog ??= outer.dialog({ onSignedIn: goOn, leave: becomeNobody });
    dialog.open(user.username);
    return true;
  }
  // Who signed in in another tab has signed in here too
  outer.onReturn(() => dialog !== null && goOn().catch(() => {}));
  return {
    user: () => user,
    ask: outer.whoAmI,
    begin,
    handledBySignIn,
    onSignedIn(call) {
      waiting.push(call);
    },
    forgetPage() {
      waiting = [];
    },
    async leave() {
      await outer.signOut();
      becomeNobody();
    },
  };
}
