/** Which page an address shows: pure, from what stands behind `#`. */

const JOB_ID = "([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})";

/** By name: the pattern of the path, and what its groups are called. */
const ROUTES = {
  new: [/^\/?$/],
  imports: [/^\/jobs\/?$/],
  run: [new RegExp(`^/jobs/${JOB_ID}/?$`), "jobId"],
  audit: [new RegExp(`^/jobs/${JOB_ID}/audit/?$`), "jobId"],
  ops: [/^\/ops\/?$/],
  letters: [/^\/ops\/letters\/?$/],
  letter: [/^\/ops\/letters\/(\d{1,19})\/?$/, "letterId"],
  replay: [new RegExp(`^/ops/replays/${JOB_ID}/?$`), "replayId"],
  opsAudit: [/^\/ops\/audit\/?$/],
};

/** In the header: the pages to choose from, and which routes belong to each. */
const SECTIONS = [
  { name: "new", hash: "#/", routes: ["new"] },
  { name: "imports", hash: "#/jobs", routes: ["imports", "run", "audit"] },
  { name: "ops", hash: "#/ops", routes: ["ops", "letters", "letter", "replay", "opsAudit"] },
];
const OPERATORS = new Set(["operator", "admin"]);

/**
 * Return `{name, params}` of an address such as `#/jobs?status=failed`: what is behind the
 * question mark becomes parameters too. An address that is none of ours is named `unknown`.
 */
export function routeOf(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  for (const [name, [pattern, param]] of Object.entries(ROUTES)) {
    const found = pattern.exec(path);
    if (!found) continue;
    const params = Object.fromEntries(new URLSearchParams(query));
    if (param) params[param] = found[1].toLowerCase();
    return { name, params };
  }
  return { name: "unknown", params: {} };
}

/** Return an address with what of these parameters says something behind the question mark. */
export function hashOf(path, params = {}) {
  const said = Object.entries(params).filter(([, value]) => value !== "" && value != null);
  const query = new URLSearchParams(said).toString();
  return query ? `${path}?${query}` : path;
}

/**
 * Return the address that imports the file of a dry run for real: the server keeps it for a while.
 * The choices stand there too, for when the job is gone.
 */
export function forRealHash(jobId, { target, mode, mappingName }) {
  return hashOf("#/", { target, mode, mapping: mappingName, from: jobId });
}

/** Tell whether somebody may see the pages of operations. */
export function isOperator(user) {
  return OPERATORS.has(user?.role);
}

/** Tell whether a page is for this user; the server decides it again for every call. */
export function isOpenTo(route, user) {
  return !SECTIONS[2].routes.includes(route.name) || isOperator(user);
}

/** Return the sections of the header for a user: `[{name, hash, isCurrent}]`. */
export function sectionsFor(user, route) {
  return SECTIONS.filter(({ name }) => name !== "ops" || isOperator(user)).map(
    ({ name, hash, routes }) => ({ name, hash, isCurrent: routes.includes(route.name) }),
  );
}
