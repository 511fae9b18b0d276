/** What may be asked of an import now: pure, from the page's state. */

import { mendingOf } from "./mending.js";

const CONTROLS = {
  Processing: ["pause", "cancel"],
  ProcessingError: ["pause", "cancel"],
  Retrying: ["pause", "cancel"],
  Polling: ["pause", "cancel"],
  Paused: ["resume", "cancel"],
  Failed: ["retry"],
  Cancelled: ["retry"],
};

/** Return what may be asked of the job now; a viewer may ask nothing. */
export function controlsOf({ name, right, snapshot }) {
  if (right === "view" || snapshot?.data.ongoing || snapshot?.status === "undone") return [];
  const undo = mendingOf({ snapshot, right }).undo ? ["undo"] : [];
  return [...controlsBy(name, snapshot), ...undo];
}

function controlsBy(name, snapshot) {
  return CONTROLS[snapshot?.status === "paused" ? "Paused" : name] ?? [];
}
