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

/** Return what may be asked of the job now: nothing by a viewer, nor before the right is known. */
export function controlsOf({ name, right, snapshot }) {
  const mayControl = right === "control" || right === "own";
  if (!mayControl || snapshot?.data.ongoing || snapshot?.status === "undone") return [];
  const undo = mendingOf({ snapshot, right }).undo ? ["undo"] : [];
  return [...controlsBy(name, snapshot), ...undo];
}

function controlsBy(name, snapshot) {
  return CONTROLS[snapshot?.status === "paused" ? "Paused" : name] ?? [];
}
