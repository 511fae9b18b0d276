/** The calls about rows that failed: the errors, the files to fix, what an undo left. */

import { PAGE_SIZE } from "../model/error_pages.js";
import { getJson } from "./api.js";

/** Return a page of a job's row errors in sheet order, of all kinds or of a filter's. */
export function rowErrors(jobId, { column, code }, cursor = null) {
  const asked = new URLSearchParams({ limit: PAGE_SIZE });
  if (column !== null) asked.set("column", column);
  if (code !== null) asked.set("code", code);
  if (cursor !== null) asked.set("cursor", cursor);
  return getJson(`${pathOf(jobId)}/errors?${asked}`);
}

/** Return why rows of a job failed, counted by column and cause. */
export function errorSummary(jobId) {
  return getJson(`${pathOf(jobId)}/errors/summary`);
}

/** Return the address of a file: `kind` is `failed` or `unprocessed`, `form` `xlsx` or `csv`. */
export function resultFileAddress(jobId, kind, form) {
  return `${pathOf(jobId)}/${kind}-rows.${form}`;
}

/** Return how far an undo is and a page of the rows that stayed: `{rows, nextCursor, …}`. */
export function undoRows(jobId, cursor = null) {
  const behind = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return getJson(`${pathOf(jobId)}/undo?limit=${PAGE_SIZE}${behind}`);
}

function pathOf(jobId) {
  return `/api/jobs/${encodeURIComponent(jobId)}`;
}
