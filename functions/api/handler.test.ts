import { expect, test, vi } from "vitest";
import { type ApiCall, anApiEvent } from "../../test/builders/api-event.ts";
import { aDigest } from "../../test/builders/digest.ts";
import {
  anImageRecord,
  aReplicaRecord,
  aSummary,
  aTagPointer,
  aViolationRecord,
  ended,
} from "../../test/builders/records.ts";
import { aRepository } from "../../test/builders/registry.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const WEB = "account=111122223333&region=us-east-1&repository=prod/web";
const JANE = "arn:aws:sts::111122223333:assumed-role/viewers/jane";

async function call(api: MemoryApi, request: ApiCall) {
  const answer = await createHandler(api.deps)(anApiEvent(request), aLambdaContext("api"));
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
}

const get = (api: MemoryApi, path: string) => call(api, { path });
const post = (api: MemoryApi, path: string, body: unknown) => call(api, { method: "POST", path, body });

/** prod/web holds image A, tagged 1.4.2 after "latest" had it and moved to B; A is in us-west-2 as well. */
async function withImages(): Promise<MemoryApi> {
  const api = memoryApi();
  const [a, b] = [aDigest("A"), aDigest("B")];
  const west = aRepository("prod/web", { region: "us-west-2" });
  await api.inventory.images.putImage(anImageRecord({ digest: a }));
  await api.inventory.images.putImage(anImageRecord({ digest: b, state: "closed" }));
  await api.inventory.images.putImage(anImageRecord({ ...west, digest: a }));
  await api.inventory.tags.moveTag(undefined, aTagPointer({ digest: a }));
  await api.inventory.tags.moveTag(undefined, aTagPointer({ ...west, digest: a, tag: "stable" }));
  const latest = aTagPointer({ tag: "latest", digest: a });
  await api.inventory.tags.moveTag(undefined, latest);
  await api.inventory.tags.moveTag(ended(latest), {
    ...latest,
    digest: null,
    since: "2026-11-17T00:00:00.000Z",
    cause: "delete",
    version: 2,
  });
  await api.inventory.summaries.putSummary(aSummary());
  return api;
}

test("images of a repository come with their tags and what the registry says of them", async () => {
  const { status, body } = await get(await withImages(), `/api/v1/images?${WEB}`);
  expect(status).toBe(200);
  expect(body.next).toBeUndefined();
  const [first, second] = body.items.toSorted((a: { state: string }, b: { state: string }) =>
    a.state > b.state ? -1 : 1,
  );
  expect(first).toEqual({
    account: "111122223333",
    region: "us-east-1",
    repository: "prod/web",
    digest: aDigest("A"),
    tags: ["1.4.2"],
    state: "open",
    status: "ACTIVE",
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    size: 1_048_576,
    pushedAt: "2026-11-16T01:54:34.000Z",
    firstSeenAt: "2026-11-16T01:54:35.000Z",
    since: "2026-11-16T01:54:35.000Z",
    cause: "push",
    changedAt: "2026-11-16T01:54:35.000Z",
    manifest: "known",
  });
  expect(second).toMatchObject({ digest: aDigest("B"), tags: [], state: "closed" });
});

test("an image that is gone has no tags, even where its pointer has not followed yet", async () => {
  const api = memoryApi();
  await api.inventory.images.putImage(anImageRecord({ state: "closed" }));
  await api.inventory.tags.moveTag(undefined, aTagPointer());
  const { body } = await get(api, `/api/v1/images?${WEB}`);
  expect(body.items).toMatchObject([{ state: "closed", tags: [] }]);
});

/** Two images in prod/web, one of them gone; `tags` point to the first, one to the second, and one nowhere. */
async function withTagged(tags: readonly string[]): Promise<MemoryApi> {
  const api = await withImages();
  const point = (tag: string, digest: string) =>
    api.inventory.tags.moveTag(undefined, aTagPointer({ tag, digest }));
  for (const tag of tags) await point(tag, aDigest("A"));
  await point("left-behind", aDigest("B"));
  return api;
}

test.each([
  ["one read", [], 1, 0],
  ["one read, the last that suffices", ["b", "a", "d", "c", "e"], 1, 0],
  ["a read for each image that is there", ["b", "a", "d", "c", "e", "f"], 1, 1],
])("the tags of a whole repository are %s", async (_, tags, lists, single) => {
  const api = await withTagged(tags);
  const listTags = vi.spyOn(api.deps.queries, "listTags");
  const listTagsOf = vi.spyOn(api.deps.tags, "listTagsOf");
  const { body } = await get(api, `/api/v1/images?${WEB}`);
  const shown = body.items.map((it: { digest: string; tags: string[] }) => [it.digest, it.tags]);
  expect(Object.fromEntries(shown)).toEqual({
    [aDigest("A")]: [...tags, "1.4.2"].toSorted(),
    [aDigest("B")]: [],
  });
  expect([listTags.mock.calls.length, listTagsOf.mock.calls.length]).toEqual([lists, single]);
});

test("a page that is not the whole repository looks for the tags of its own images", async () => {
  const api = await withTagged(["b"]);
  const { body } = await get(api, `/api/v1/images?${WEB}&limit=1`);
  const rest = await get(api, `/api/v1/images?${WEB}&cursor=${body.next}`);
  const all = [...body.items, ...rest.body.items].map((it: { tags: string[] }) => it.tags);
  expect(all.toSorted()).toEqual([[], ["1.4.2", "b"]]);
});

test("a tag leads to its image", async () => {
  const api = await withImages();
  const { body } = await get(api, `/api/v1/images?${WEB}&tag=1.4.2`);
  expect(body.items.map((it: { digest: string }) => it.digest)).toEqual([aDigest("A")]);
});

test("an image is found in every registry that holds it, with the tags it has there", async () => {
  const { body } = await get(await withImages(), `/api/v1/images/${aDigest("A")}`);
  expect(body.items.map((it: { region: string; tags: string[] }) => [it.region, it.tags])).toEqual([
    ["us-east-1", ["1.4.2"]],
    ["us-west-2", ["stable"]],
  ]);
});

test("a tag's history is told from the oldest state to the present one", async () => {
  const { body } = await get(await withImages(), `/api/v1/tags/history?${WEB}&tag=latest`);
  expect(body.items).toMatchObject([
    { digest: aDigest("A"), cause: "push", until: "2026-11-17T00:00:00.000Z" },
    { digest: null, cause: "delete" },
  ]);
});

test.each([
  [`/api/v1/images?${WEB}&tag=never`, "is not known"],
  [`/api/v1/images?${WEB}&tag=latest`, "points to nothing now"],
  [
    "/api/v1/images?account=111122223333&region=us-east-1&repository=prod/wbe",
    "knows no repository prod/wbe",
  ],
  [`/api/v1/images/${aDigest("none")}`, "No registry is known to hold"],
  [`/api/v1/tags/history?${WEB}&tag=never`, "never seen"],
  ["/api/v1/nothing", "GET /api/openapi.json lists the routes"],
  ["/api/v2/images", "GET /api/openapi.json lists the routes"],
  ["/api/v1/dead-letters/Nothing/redrive", "the queues are ImageActionDeadLetters"],
])("GET %s is a 404 that helps", async (path, detail) => {
  const { status, headers, body } = await get(await withImages(), path);
  expect({ status, type: headers["content-type"] }).toEqual({
    status: 404,
    type: "application/problem+json",
  });
  expect(body).toMatchObject({
    type: "urn:tallyman:problem:not-found",
    status: 404,
    instance: expect.any(String),
  });
  expect(body.detail).toContain(detail);
});

test("a known repository without images answers an empty page", async () => {
  const api = memoryApi();
  await api.inventory.summaries.putSummary(aSummary());
  expect(await get(api, `/api/v1/images?${WEB}`)).toMatchObject({ status: 200, body: { items: [] } });
});

test("repositories carry the time of their totals", async () => {
  const { body } = await get(await withImages(), "/api/v1/repositories");
  expect(body.items).toMatchObject([{ repository: "prod/web", images: 1, asOf: "2026-11-16T01:54:35.000Z" }]);
  expect(body.items[0]).not.toHaveProperty("version");
});

test("open violations are listed with rule and reason, closed ones are not", async () => {
  const api = memoryApi();
  await api.inventory.violations.putViolation(aViolationRecord());
  await api.inventory.violations.putViolation(aViolationRecord({ tag: "old", state: "closed" }));
  const { body } = await get(api, "/api/v1/violations");
  expect(body.items).toMatchObject([
    { rule: "prod-releases", tag: "latest", evidence: { denied: "latest" } },
  ]);
});

test("violations of one repository are found behind pages of others", async () => {
  const api = memoryApi();
  for (let i = 0; i < 5; i++)
    await api.inventory.violations.putViolation(aViolationRecord({ repository: `dev/app-${i}` }));
  await api.inventory.violations.putViolation(aViolationRecord());
  const { body } = await get(api, "/api/v1/violations?repository=prod/web&limit=1");
  expect(body.items).toMatchObject([{ repository: "prod/web" }]);
});

test("replicas are found by digest, by destination, and those that are overdue", async () => {
  const api = memoryApi();
  await api.inventory.replicas.putReplica(aReplicaRecord());
  await api.inventory.replicas.putReplica(aReplicaRecord({ digest: aDigest("late"), state: "overdue" }));
  const digests = async (query: string) =>
    (await get(api, `/api/v1/replicas${query}`)).body.items.map((it: { digest: string }) => it.digest);
  expect(await digests(`?digest=${aDigest("image")}`)).toEqual([aDigest("image")]);
  expect(await digests("?account=111122223333&region=us-west-2&repository=prod/web")).toHaveLength(2);
  expect(await digests("?overdue=true")).toEqual([aDigest("late")]);
  expect(await digests("")).toEqual([aDigest("late")]);
});

test("the brake is read, set with an audit trail, and set again", async () => {
  const api = memoryApi();
  expect((await get(api, "/api/v1/brake")).body).toMatchObject({ on: true, version: 0 });
  const off = await post(api, "/api/v1/brake", { on: false, reason: "  checked the policy " });
  expect(off.body).toMatchObject({
    on: false,
    reason: "checked the policy",
    by: expect.stringContaining("user/test"),
  });
  expect((await post(api, "/api/v1/brake", { on: true, reason: "odd deletions" })).body).toMatchObject({
    version: 2,
  });
  const audit = await get(api, "/api/v1/audit");
  expect(
    audit.body.items.map((it: { action: string; reason: string }) => [it.action, it.reason]).toSorted(),
  ).toEqual([
    ["brake.set", "checked the policy"],
    ["brake.set", "odd deletions"],
    ["brake.set-requested", "checked the policy"],
    ["brake.set-requested", "odd deletions"],
  ]);
});

test("a pause that came in between turns a resume into a conflict", async () => {
  const api = memoryApi();
  const { brake, journal } = api.inventory;
  journal.before = async (write) => {
    if (write.kind !== "brake") return;
    journal.before = undefined;
    await brake.putBrake({
      on: true,
      reason: "stop",
      by: "someone",
      at: "2026-11-21T11:59:59.000Z",
      version: 1,
    });
  };
  const { status, body } = await post(api, "/api/v1/brake", { on: false, reason: "go" });
  expect({ status, type: body.type }).toEqual({ status: 409, type: "urn:tallyman:problem:conflict" });
  expect(await brake.readBrake()).toMatchObject({ on: true, reason: "stop" });
});

test("dead letters are counted, moved back once at a time, and the move can be followed", async () => {
  const api = memoryApi();
  expect((await get(api, "/api/v1/dead-letters")).body.items).toContainEqual({
    name: "ImageActionDeadLetters",
    messages: 3,
  });
  const path = "/api/v1/dead-letters/ImageActionDeadLetters/redrive";
  const started = await call(api, { method: "POST", path });
  expect(started).toMatchObject({ status: 202, headers: { location: path }, body: { task: "task-1" } });
  expect((await call(api, { method: "POST", path })).status).toBe(409);
  api.deadLetters.finish("ImageActionDeadLetters");
  expect((await get(api, path)).body.items).toMatchObject([{ state: "completed", moved: 3 }]);
  const actions = (await get(api, "/api/v1/audit")).body.items.map((it: { action: string }) => it.action);
  expect(actions).toEqual([
    "dead-letters.redrive-started",
    "dead-letters.redrive-refused",
    "dead-letters.redrive-requested",
  ]);
});

test("health says what is readable, the brake and the declared registries", async () => {
  const { status, headers, body } = await get(memoryApi(), "/api/v1/health");
  expect({ status, cache: headers["cache-control"] }).toEqual({ status: 200, cache: "no-store" });
  expect(body).toMatchObject({
    status: "ok",
    asOf: "2026-11-21T12:00:00.000Z",
    table: { readable: true },
    policy: { readable: true },
    declared: { readable: true },
    brake: { on: true },
    registries: [{ region: "us-east-1" }, { region: "us-west-2" }],
  });
});

test("with an unreadable policy health says so, and no right is taken for granted", async () => {
  const api = memoryApi();
  const broken = {
    ...api,
    deps: { ...api.deps, readAccess: () => Promise.reject(new Error("s3://secret-place")) },
  };
  const health = await get(broken, "/api/v1/health");
  expect(health).toMatchObject({ status: 503, body: { status: "degraded", policy: { readable: false } } });
  const brake = await post(broken, "/api/v1/brake", { on: false, reason: "go" });
  expect(brake).toMatchObject({ status: 503, body: { type: "urn:tallyman:problem:unavailable" } });
  expect(JSON.stringify([health, brake])).not.toContain("secret-place");
  expect(await api.inventory.brake.readBrake()).toMatchObject({ on: true });
});

test("with unreadable registries health says so and names none", async () => {
  const { deps, ...api } = memoryApi();
  const declaredRegistries = () => Promise.reject(new Error("s3://secret-place"));
  const health = await get({ ...api, deps: { ...deps, declared: { declaredRegistries } } }, "/api/v1/health");
  expect(health).toMatchObject({
    status: 503,
    body: { status: "degraded", declared: { readable: false }, registries: [] },
  });
  expect(JSON.stringify(health)).not.toContain("secret-place");
});

test("a failure inside is logged whole and answered without its insides", async () => {
  const api = memoryApi();
  const readBrake = () => Promise.reject(new Error("table arn:secret is missing"));
  const broken = { ...api, deps: { ...api.deps, brake: { ...api.deps.brake, readBrake } } };
  const { status, body } = await get(broken, "/api/v1/brake");
  expect({ status, type: body.type }).toEqual({ status: 500, type: "urn:tallyman:problem:internal" });
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(api.telemetry.lines.at(-1)).toMatchObject({ level: "error", message: "request failed" });
});

test("a request without an IAM identity is refused, whatever its headers claim", async () => {
  const headers = { "x-amzn-iam-user-arn": "arn:aws:iam::111122223333:user/test" };
  const answer = await call(memoryApi(), { path: "/api/v1/health", userArn: null, headers });
  expect(answer).toMatchObject({ status: 401, body: { type: "urn:tallyman:problem:unauthenticated" } });
});

test("a viewer may look and may not touch; a principal without a grant may do neither", async () => {
  const grants = [{ principal: "arn:aws:iam::111122223333:role/viewers", right: "viewer" as const }];
  const api = memoryApi({ grants });
  expect((await call(api, { path: "/api/v1/brake", userArn: JANE })).status).toBe(200);
  const body = { on: false, reason: "go" };
  const refused = await call(api, { method: "POST", path: "/api/v1/brake", body, userArn: JANE });
  expect(refused).toMatchObject({ status: 403, body: { type: "urn:tallyman:problem:forbidden" } });
  expect(refused.body.detail).toContain('needs the right "operator"');
  expect((await get(api, "/api/v1/health")).status).toBe(403);
  expect(api.inventory.journal.writes).toEqual([]);
});
