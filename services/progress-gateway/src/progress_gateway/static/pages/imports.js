/** The page of imports: what I imported, what is shared with me, and for operators everything. */

import { importsList } from "../parts/imports_list.js";

/** Return `{nodes, stop()}`. */
export function importsPage(params, { handledBySignIn }) {
  const list = importsList(handledBySignIn);
  return { nodes: [list.node], stop: () => list.stop() };
}
