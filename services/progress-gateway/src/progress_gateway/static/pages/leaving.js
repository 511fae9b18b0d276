/** Who would lose something by leaving a page is asked first, whichever way they leave it. */

/**
 * Return `{mayLeave(), onAddress(event)}`. `outer`: `holds()` tells whether the page would lose
 * something, `ask()` promises whether it may, `putBack(url)` shows the old address again, `letGo()`
 * ends the page, `goTo(url)` and `show()` go on.
 */
export function guardLeaving(outer) {
  let isAsking = false;

  async function mayLeave() {
    if (!outer.holds()) return true;
    if (isAsking) return false;
    isAsking = true;
    try {
      return await outer.ask();
    } finally {
      isAsking = false;
    }
  }
  return {
    mayLeave,
    /** A link or the back button has changed the address already: the page stays under the old one. */
    async onAddress({ oldURL, newURL }) {
      if (!outer.holds()) return outer.show();
      outer.putBack(oldURL);
      if (!(await mayLeave())) return undefined;
      outer.letGo();
      return outer.goTo(newURL);
    },
  };
}
