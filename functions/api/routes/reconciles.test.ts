import { registryName } from "@tallyman/domain/registry/registry";
import { expect, test } from "vitest";
import { ADMINISTRATOR, type ApiCall, anApiEvent } from "../../../test/builders/api-event.ts";
import { aSummary } from "../../../test/builders/records.ts";
import { HUB } from "../../../test/builders/registry.ts";
import { aLambdaContext } from "../../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../../test/fakes/memory-api.ts";
import { createHandler } from "../handler.ts";

const WEST = { ...HUB, region: "us-west-2" };
const AT = "2026-11-21T12:00:00.000Z";
const LATER = "2026-11-21T12:00:05.000Z";

async function call(api: MemoryApi, request: ApiCall) {
  const answer = await createHandler(api.deps)(anApiEvent(request), aLambdaContext("api"));
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
}

async function start(api: MemoryApi, body: object) {
  return call(api, { method: "POST", path: "/api/v1/reconciles", body });
}

async function progress(api: MemoryApi, run: string) {
  return (await call(api, { path: `/api/v1/reconciles/${run}` })).body;
}

test("a reconcile of everything is queued for each registry, audited, and has a place that says how far it is", async () => {
  const api = memoryApi();
  const { status, headers, body } = await start(api, {});
  expect(status).toBe(202);
  expect(body.registries.map(registryName)).toEqual([HUB, WEST].map(registryName));
  expect(headers["location"]).toBe(`/api/v1/reconciles/${body.run}`);
  const job = { kind: "registry", run: body.run, scope: "all" };
  expect(api.reconcilesAskedFor).toEqual([
    { ...job, ...HUB },
    { ...job, ...WEST },
  ]);
  const [entry] = (await api.inventory.queries.listAudit("2026-11-21", { limit: 9 })).items;
  expect(entry).toMatchObject({ action: "reconcile.requested", actor: ADMINISTRATOR });
  expect(await progress(api, body.run)).toMatchObject({
    state: "running",
    by: ADMINISTRATOR,
    registries: [{ state: "waiting" }, { state: "waiting" }],
  });
});

test("a repository is compared where it is known, and its end is noted after it", async () => {
  const api = memoryApi();
  await api.inventory.summaries.putSummary(aSummary({ ...WEST, reconciledAt: "2026-11-20T12:00:00.000Z" }));
  const { body } = await start(api, { repository: "prod/web" });
  const where = { ...WEST, run: body.run, repository: "prod/web" };
  expect(api.reconcilesAskedFor).toEqual([
    { kind: "repository", ...where },
    { kind: "finish", ...where },
  ]);
  expect((await progress(api, body.run)).registries).toMatchObject([{ state: "running", compared: 0 }]);
  await api.inventory.summaries.putSummary(aSummary({ ...WEST, reconciledAt: LATER, version: 2 }));
  expect((await progress(api, body.run)).registries).toMatchObject([{ state: "running", compared: 1 }]);
  await api.inventory.runs.ended(body.run, { ...WEST, at: LATER, failed: 0 });
  expect(await progress(api, body.run)).toMatchObject({
    state: "completed",
    repository: "prod/web",
    registries: [{ state: "completed", repositories: 1, compared: 1, failed: 0 }],
  });
});

test("a repository that nobody knows can be named with its registry", async () => {
  const api = memoryApi();
  const { status, body } = await start(api, { repository: "team/new" });
  expect(status).toBe(404);
  expect(body.detail).toContain("name the registry in which it is new");
  expect((await start(api, { repository: "team/new", registry: HUB })).status).toBe(202);
  expect(api.reconcilesAskedFor).toHaveLength(2);
});

test("progress counts what was compared since the registry was listed, and says what fails", async () => {
  const api = memoryApi();
  const { run } = (await start(api, { registry: HUB })).body;
  const record = { ...HUB, run, kind: "all", startedAt: AT, version: 1 } as const;
  await api.inventory.registries.putRun({ ...record, lastError: "AccessDenied", lastErrorAt: AT });
  expect(await progress(api, run)).toMatchObject({
    state: "failing",
    registries: [{ state: "failing", reason: "AccessDenied" }],
  });
  await api.inventory.runs.listed(run, { ...HUB, at: AT, repositories: 2 });
  await api.inventory.summaries.putSummary(aSummary({ repository: "prod/web", reconciledAt: LATER }));
  await api.inventory.summaries.putSummary(
    aSummary({ repository: "team/old", reconciledAt: "2026-11-20T00:00:00.000Z" }),
  );
  expect((await progress(api, run)).registries).toEqual([
    { ...HUB, state: "running", repositories: 2, compared: 1, reason: "AccessDenied", listedAt: AT },
  ]);
  await api.inventory.runs.ended(run, { ...HUB, at: LATER, failed: 1, reason: "team/old: AccessDenied" });
  expect(await progress(api, run)).toMatchObject({
    state: "incomplete",
    registries: [{ state: "incomplete", compared: 1, failed: 1, reason: "team/old: AccessDenied" }],
  });
});

test("a registry that could not even be listed is over, and not as if it had nothing to compare", async () => {
  const api = memoryApi();
  const { run } = (await start(api, { registry: HUB })).body;
  await api.inventory.runs.ended(run, { ...HUB, at: LATER, failed: 0, reason: "AccessDenied" });
  expect(await progress(api, run)).toMatchObject({
    state: "incomplete",
    registries: [{ state: "incomplete", reason: "AccessDenied" }],
  });
});

test.each([
  ["a registry that is not declared", { registry: { account: "111122223333", region: "eu-west-3" } }, 404],
  ["a path as repository", { repository: "../etc" }, 400],
  ["an unknown member", { registries: "all" }, 400],
])("%s is refused, and nothing is queued", async (_, body, status) => {
  const api = memoryApi();
  expect((await start(api, body)).status).toBe(status);
  expect(api.reconcilesAskedFor).toEqual([]);
});

test("a queue that does not answer is said in the trail, and no reconcile is promised", async () => {
  const api = memoryApi();
  const reconciles = { send: () => Promise.reject(new Error("SQS did not answer")) };
  const failing = { ...api, deps: { ...api.deps, reconciles } };
  expect((await start(failing, {})).status).toBe(500);
  const { items } = await api.inventory.queries.listAudit("2026-11-21", { limit: 9 });
  expect(items.map(({ action }) => action).toSorted()).toEqual(["reconcile.refused", "reconcile.requested"]);
});

test("a reconcile that nobody asked for is not known", async () => {
  expect((await call(memoryApi(), { path: "/api/v1/reconciles/none" })).status).toBe(404);
});

test("asking needs the right of an operator, looking that of a viewer", async () => {
  const viewer = "arn:aws:sts::111122223333:assumed-role/viewers/jane";
  const api = memoryApi({
    grants: [{ principal: "arn:aws:iam::111122223333:role/viewers", right: "viewer" }],
  });
  const path = "/api/v1/reconciles";
  expect((await call(api, { method: "POST", path, body: {}, userArn: viewer })).status).toBe(403);
  expect((await call(api, { path: `${path}/none`, userArn: viewer })).status).toBe(404);
});

test("health and repositories say what is stale, and why", async () => {
  const api = memoryApi();
  const record = { run: "r", kind: "all", startedAt: AT, version: 1 } as const;
  await api.inventory.registries.putRun({
    ...record,
    ...HUB,
    listedAt: AT,
    completedAt: AT,
    lastCompletedAt: AT,
  });
  await api.inventory.registries.putRun({ ...record, ...WEST, lastError: "AccessDenied", lastErrorAt: AT });
  const { body: health } = await call(api, { path: "/api/v1/health" });
  expect(health.registries).toEqual([
    { ...HUB, stale: false },
    { ...WEST, stale: true, staleReason: `the last reconcile failed at ${AT}: AccessDenied` },
  ]);
  await api.inventory.summaries.putSummary(aSummary({ ...HUB, reconciledAt: AT }));
  await api.inventory.summaries.putSummary(aSummary({ ...WEST, reconciledAt: AT }));
  const { body } = await call(api, { path: "/api/v1/repositories" });
  expect(body.items).toMatchObject([
    { ...HUB, stale: false },
    { ...WEST, stale: true, staleReason: expect.stringContaining("AccessDenied") },
  ]);
});
