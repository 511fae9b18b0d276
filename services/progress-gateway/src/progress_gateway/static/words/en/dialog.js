/** English: what every dialog says. */

export default {
  "dialog.cancel": "Cancel",
  "dialog.close": "Close",
  "dialog.type": "Type “{word}” to confirm",
};
