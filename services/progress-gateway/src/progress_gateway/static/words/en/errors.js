/** English: bad rows and how they come back. */

export default {
  "mend.title": "Fix what failed",
  "mend.how": "Correct the cells in this workbook, leave the column _row as it is, and upload it again: only these rows are imported.",
  "mend.howDry": "Correct these rows in your own file before you import it.",
  "mend.download": "Download rows to fix (.xlsx)",
  "mend.upload": "Upload corrected file",
  "mend.sending": "Uploading “{name}”…",
  "mend.accepted": "The corrected file is accepted.",
  "mend.follow": "Follow its rows",
  "mend.refused": "The corrected file was not accepted: {why}",
  "mend.where": "Column",
  "mend.code": "Cause",
  "mend.count": "Rows",
  "mend.rows": "For example Excel rows",
};
