/** An earlier job as the beginning of a new import. */

import { choicesOfJob } from "../model/plan_choices.js";
import { job as jobOf } from "./api.js";

/**
 * Return the plan's event for what an address names, null when it names nothing: `from` a job, its
 * file too where it is kept still, or `again` with its choices alone.
 */
export async function planOfJob({ from, again }) {
  const jobId = from ?? again;
  if (!jobId) return null;
  try {
    const job = await jobOf(jobId);
    const file = { name: job.fileName, sizeBytes: job.fileSizeBytes };
    const previewId = from ? (job.plan?.previewId ?? null) : null;
    return { type: "recalled", choices: choicesOfJob(job), file, previewId, isSameFile: Boolean(from) };
  } catch {
    return { type: "noted", note: { key: "plan.gone", params: {} } };
  }
}
