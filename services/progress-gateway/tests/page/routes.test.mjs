import assert from "node:assert/strict";
import test from "node:test";

import { forRealHash, hashOf, isOpenTo, routeOf, sectionsFor } from "../../src/progress_gateway/static/model/routes.js";

const JOB = "0198c0de-0000-7000-8000-00000000abcd";
const ANN = { username: "ann", role: "user" };
const OTTO = { username: "otto", role: "operator" };

test("every address of the page has its route", () => {
  const named = Object.fromEntries(
    [
      "", "#", "#/", "#/jobs", "#/jobs/", `#/jobs/${JOB}`, `#/jobs/${JOB}/audit`, "#/ops",
      "#/ops/letters", "#/ops/letters/42", `#/ops/replays/${JOB}`, "#/ops/audit",
    ].map((hash) => [hash, routeOf(hash).name]),
  );
  assert.deepEqual(named, {
    "": "new",
    "#": "new",
    "#/": "new",
    "#/jobs": "imports",
    "#/jobs/": "imports",
    [`#/jobs/${JOB}`]: "run",
    [`#/jobs/${JOB}/audit`]: "audit",
    "#/ops": "ops",
    "#/ops/letters": "letters",
    "#/ops/letters/42": "letter",
    [`#/ops/replays/${JOB}`]: "replay",
    "#/ops/audit": "opsAudit",
  });
});

test("an id in capitals is the same job", () => {
  assert.deepEqual(routeOf(`#/jobs/${JOB.toUpperCase()}`), { name: "run", params: { jobId: JOB } });
});

test("what is no address of ours is unknown, whatever it begins with", () => {
  for (const hash of ["#/job", "#/jobs/42", `#/jobs/${JOB}/other`, "#/ops/letters/x", "#main", "#//"]) {
    assert.equal(routeOf(hash).name, "unknown", hash);
  }
});

test("filters ride in the address, there and back", () => {
  const hash = hashOf("#/jobs", { scope: "shared", q: "a & b=c?", status: "", target: null });
  assert.deepEqual(routeOf(hash), { name: "imports", params: { scope: "shared", q: "a & b=c?" } });
  assert.equal(hashOf("#/jobs", { q: "" }), "#/jobs");
});

test("the path names the job, whatever the filters say", () => {
  assert.equal(routeOf(`#/jobs/${JOB}?jobId=other`).params.jobId, JOB);
});

test("operations are in the header of operators only", () => {
  const names = (user) => sectionsFor(user, routeOf("#/jobs")).map((section) => section.name);
  assert.deepEqual(names(ANN), ["new", "imports"]);
  assert.deepEqual(names(OTTO), ["new", "imports", "ops"]);
  assert.equal(isOpenTo(routeOf("#/ops/letters"), ANN), false);
  assert.equal(isOpenTo(routeOf("#/ops/letters"), OTTO), true);
  assert.equal(isOpenTo(routeOf("#/jobs"), ANN), true);
});

test("the section one is in is the current one, on its inner pages too", () => {
  const current = (hash) => sectionsFor(OTTO, routeOf(hash)).find((section) => section.isCurrent)?.name;
  assert.equal(current(`#/jobs/${JOB}/audit`), "imports");
  assert.equal(current("#/ops/letters/7"), "ops");
  assert.equal(current("#/nowhere"), undefined);
});

test("a dry run's file is imported for real without sending it again", () => {
  const hash = forRealHash(JOB, { target: "orders", mode: "upsert", mappingName: null });
  assert.deepEqual(routeOf(hash), { name: "new", params: { target: "orders", mode: "upsert", from: JOB } });
});
