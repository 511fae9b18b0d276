/** English: what every page says. */

export default {
  "nav.new": "New import",
  "nav.imports": "My imports",
  "nav.ops": "Operations",
  "nav.signedInAs": "Signed in as {username}",
  "nav.signOut": "Sign out",

  "unknown.title": "There is no such page",
  "unknown.text": "The address may be misspelt, or what it led to is gone.",
  "unknown.operatorsTitle": "This page is for operators",
  "unknown.operators": "It shows how the parts of Sluice do. Ask an administrator for the role of an operator.",
  "unknown.imports": "To my imports",

  "signIn.title": "Sign in to Sluice",
  "signIn.lead": "Import very large spreadsheets and watch every row arrive.",
  "signIn.username": "User name",
  "signIn.password": "Password",
  "signIn.submit": "Sign in",
  "signIn.busy": "Signing in…",
  "signIn.wrong": "User name or password is not right.",

  "status.pending": "Waiting to start",
  "status.processing": "Importing",
  "status.retrying": "Waiting to go on",
  "status.paused": "Paused",
  "status.completed": "Completed",
  "status.completed_with_errors": "Completed with errors",
  "status.failed": "Failed",
  "status.cancelled": "Cancelled",
  "status.undone": "Undone",

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
