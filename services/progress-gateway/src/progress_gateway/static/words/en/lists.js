/** English: the lists of imports. */

export default {
  "imports.title": "My imports",
  "imports.recent": "Recent imports",
  "imports.all": "All my imports",
  "imports.none": "Nothing imported yet. Your imports will be listed here.",
  "imports.file": "File",
  "imports.target": "Target",
  "imports.status": "Status",
  "imports.rows": "Rows",
  "imports.failed": "Failed",
  "imports.started": "Started",
  "imports.more": "Show more",
};
