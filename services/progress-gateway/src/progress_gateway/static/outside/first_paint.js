/** Puts the chosen theme in force before anything is painted. No module: those come too late. */

try {
  const chosen = localStorage.getItem("sluice.theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that forbids it has the system's theme
}
