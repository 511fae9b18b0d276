/** English: what every dialog says. */

export default {
  "dialog.cancel": "Cancel",
  "dialog.close": "Close",
  "dialog.type": "Type “{word}” to confirm",
  "leave.title": "Stop the upload?",
  "leave.text": "The file is still on its way. Leaving this page stops the upload.",
  "leave.now": "Stop it and leave",
  "leave.stay": "Stay here",
};
