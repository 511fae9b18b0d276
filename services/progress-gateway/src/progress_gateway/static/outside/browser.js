/** What a page may ask of the browser besides the server: a notification, the clipboard. */

/** Tell whether notifications exist here and are not refused for good. */
export function mayNotify() {
  return "Notification" in window && Notification.permission !== "denied";
}

/** Ask for leave to notify; only ever by a click. Promises whether it was given. */
export async function askToNotify() {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

/** Notify; a click on it brings the tab back. Some phones refuse to: then nothing is shown. */
export function notify(title, body, tag) {
  try {
    const shown = new Notification(title, { body, tag, icon: "/static/logo.svg" });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
  } catch {
    // the title of the tab tells it as well
  }
}

/** Put a text on the clipboard; promises whether that is possible here. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
