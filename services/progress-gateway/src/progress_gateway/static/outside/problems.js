/** What an error of a call is for the machines: a problem with a code. */

import { problemHere, problemOfAnswer } from "../model/refusals.js";
import { ApiProblem, Unreachable } from "./api.js";
import { FileGone } from "./file_sender.js";

/** Return the problem of an error. */
export function problemOf(error) {
  if (error instanceof ApiProblem) return problemOfAnswer(error);
  if (error instanceof Unreachable) return problemHere("UNREACHABLE");
  if (error instanceof FileGone) return problemHere("FILE_UNREADABLE");
  return error.name === "AbortError" ? problemHere("CANCELLED") : problemHere("UNEXPECTED", error.message);
}
