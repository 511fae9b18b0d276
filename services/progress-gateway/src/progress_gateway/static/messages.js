/** Every text of the page, by language. A key with `.one` beside it is used for a count of 1. */

const en = {
  "nav.new": "New import",
  "nav.signedInAs": "Signed in as {username}",
  "nav.signOut": "Sign out",

  "signIn.title": "Sign in to Sluice",
  "signIn.lead": "Import very large spreadsheets and watch every row arrive.",
  "signIn.username": "User name",
  "signIn.password": "Password",
  "signIn.submit": "Sign in",
  "signIn.busy": "Signing in…",
  "signIn.wrong": "User name or password is not right.",

  "upload.title": "Import a spreadsheet",
  "upload.lead": "A million rows are fine. Good rows go in, bad rows are named with their Excel row number, and you watch it happen.",
  "upload.drop": "Drop an Excel workbook or a CSV file here",
  "upload.or": "or choose one from this computer",
  "upload.limit": ".xlsx, up to {size}",
  "upload.limitRows": ".xlsx up to {size} and {rows} rows; .csv and .tsv up to {textSize}",
  "upload.limitUnknown": ".xlsx, .csv, .tsv",
  "upload.another": "Choose another file",
  "upload.target": "Import into",
  "upload.noTargets": "There is no target to import into yet.",
  "upload.submit": "Start the import",
  "upload.sending": "Uploading",
  "upload.checking": "Checking the file…",
  "upload.bytes": "{sent} of {total}",
  "upload.speed": "{size}/s",
  "upload.left": "{time} left",
  "upload.cancel": "Cancel upload",
  "upload.cancelled": "The upload was cancelled. Nothing was imported.",
  "upload.failed": "The upload did not work",
  "upload.bar": "Upload",

  "file.wrongExtension": "“{name}” is neither an .xlsx workbook nor a .csv file. Save it as one of them and choose it again.",
  "file.empty": "“{name}” is empty: it has 0 bytes.",
  "file.tooLarge": "The file has {sizeBytes}; the most that can be uploaded is {maxUploadBytes}.",
  "file.legacy": "“{name}” is an old .xls or a password-protected workbook. Save it without a password as .xlsx.",
  "file.notWorkbook": "“{name}” is named .xlsx, but it is no Excel workbook inside. If it is text, name it .csv.",
  "file.unreadable": "The file could not be read. Was it moved or is it open elsewhere?",

  "imports.title": "My imports",
  "imports.none": "Nothing imported yet. Your imports will be listed here.",
  "imports.file": "File",
  "imports.target": "Target",
  "imports.status": "Status",
  "imports.rows": "Rows",
  "imports.failed": "Failed",
  "imports.started": "Started",
  "imports.more": "Show more",

  "status.pending": "Waiting to start",
  "status.processing": "Importing",
  "status.retrying": "Waiting to go on",
  "status.paused": "Paused",
  "status.completed": "Completed",
  "status.completed_with_errors": "Completed with errors",
  "status.failed": "Failed",
  "status.cancelled": "Cancelled",

  "phase.label": "Phases of the import",
  "phase.upload": "Upload",
  "phase.read": "Read",
  "phase.write": "Write",
  "phase.done": "Done",
  "phase.waiting": "waiting",
  "phase.active": "under way",
  "phase.finished": "finished",
  "phase.warned": "ended with errors",
  "phase.failed": "failed",

  "run.into": "into {target}",
  "run.readAs": "into {target}, read as {encoding} with one {delimiter} between cells and decimal {mark}",
  "run.readAsGuess": "into {target}, read as {encoding} (a guess) with one {delimiter} between cells and decimal {mark}",
  "run.heading": "Import",
  "run.bar": "Import progress",
  "run.of": "of {total} rows",
  "run.ofAbout": "of about {total} rows",
  "run.counting": "counting rows",
  "run.barText": "{percent}, {processed} rows, {failed} of them failed",
  "run.written": "written",
  "run.failed": "failed",
  "run.toGo": "to go",
  "run.about": "about {count}",
  "run.notProcessed": "not processed",
  "run.pace": "Rows per second",
  "run.paceAverage": "Rows per second, on average",
  "run.paceChart": "Rows per second since the page was opened",
  "run.remaining": "Time left",
  "run.elapsed": "Elapsed",
  "run.took": "Took",
  "run.batches": "Recent batches",
  "run.batchesDone": "{count} of {total} finished",
  "run.batchesSoFar": "{count} finished",
  "run.batchesNone": "The first batch is on its way.",
  "run.batchesPast": "Batches are shown while an import runs.",
  "run.batch": "Batch",
  "run.batchLines": "Excel rows",
  "run.batchRows": "Rows",
  "run.batchFailed": "Failed",
  "run.ids": "Latest row ids",
  "run.idsNone": "Ids appear here as rows are written.",
  "run.errors": "Errors",
  "run.errorsNone": "No errors so far.",
  "run.errorsNoneAtEnd": "No errors.",
  "run.errorsShow": "Show all errors",
  "run.errorsMore": "Show more errors",
  "run.errorsLoading": "Loading…",
  "run.errorRow": "Excel row",
  "run.errorColumn": "Column",
  "run.errorValue": "Value",
  "run.errorReason": "Reason",
  "run.errorsFailed": "The errors could not be loaded: {why}",
  "run.waitingFor": "{reason} The import goes on by itself.",
  "run.attemptAt": "Rows {first} to {last} could not be written yet ({reason}).",
  "run.attemptOf": "A batch could not be written yet ({reason}).",
  "run.attempt": "Attempt {attempt} of {max}.",
  "run.attemptIn": "Attempt {attempt} of {max} in {seconds} s.",
  "run.pause": "Pause",
  "run.pausing": "Pausing…",
  "run.resume": "Resume",
  "run.resuming": "Resuming…",
  "run.cancel": "Cancel the import",
  "run.cancelling": "Cancelling…",
  "run.retry": "Try again",
  "run.retrying": "Starting again…",
  "run.controlFailed": "That did not work: {why}",
  "run.pausedNote": "The import is paused. What is written stays.",
  "run.allGood": "All {count} rows are in.",
  "run.allGood.one": "The one row is in.",
  "run.noRows": "The sheet has a header and no rows. Nothing was imported.",
  "run.partial": "{written} rows are in, {failed} were rejected.",
  "run.noneWritten": "None of the {failed} rows could be imported.",
  "run.didFail": "The import stopped. {written} rows that were written stay.",
  "run.wasCancelled": "The import was cancelled. {written} rows that were written stay, {unprocessed} were not processed.",

  "link.connecting": "Connecting",
  "link.live": "Live",
  "link.reconnecting": "Reconnecting",
  "link.polling": "Polling every 2 s",
  "link.ended": "Ended",
  "link.at": "last update {time}",

  "say.progress": "{percent} done, {failed} rows failed",

  "problem.unreachable": "The server cannot be reached. Check the connection and try again.",
  "problem.unexpected": "Something went wrong: {why}",
  "problem.retry": "Try again",
};

const LANGUAGES = { en };
let language = "en";

/** Return the language that numbers and dates follow too. */
export function locale() {
  return language;
}

/** Return a text with its `{names}` filled; a key that is missing is a bug. */
export function t(key, params = {}) {
  const texts = LANGUAGES[language];
  const chosen = params.count === "1" && texts[`${key}.one`] ? `${key}.one` : key;
  const text = texts[chosen];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name]));
}

/** Return the text of a status; one that this page does not know is shown as it is. */
export function statusText(status) {
  return LANGUAGES[language][`status.${status}`] ?? status;
}
