/** What the browser remembers of a reader: language and theme. A browser may forbid it. */

export const THEMES = ["auto", "light", "dark"];
const PREFIX = "sluice.";

/** Return what is remembered under a name, or null. */
export function remembered(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // forbidden: the choice lasts as long as the page
  }
}

/** Remember a value, where that is allowed. */
export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice is in force all the same
  }
}

/** Return the languages a reader wants, the one chosen here first. */
export function wantedLanguages() {
  const chosen = remembered("language");
  const told = navigator.languages ?? [navigator.language];
  return [chosen, ...told].filter(Boolean);
}

/** Return the theme in force: `auto`, `light` or `dark`. */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return THEMES.includes(chosen) ? chosen : "auto";
}

/** Put a theme in force and remember it; `first_paint.js` does the first part at the next visit. */
export function chooseTheme(name) {
  document.documentElement.dataset.theme = name;
  remember("theme", name);
}
