import { Policy } from "@tallyman/domain/policy/policy";
import { applyReport } from "@tallyman/domain/usage/apply-report";
import type { UsageReport } from "@tallyman/domain/usage/evidence";
import { beforeEach, describe, expect, test } from "vitest";
import { type ApiCall, anApiEvent } from "../../test/builders/api-event.ts";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageRecord, aSummary } from "../../test/builders/records.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const REPORTER = "arn:aws:sts::444455556666:assumed-role/usage-reporter/pod-1";
const SCOPE = "eks/shop";
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
const NOW = new Date("2026-11-21T12:00:00.000Z");
const DIGEST = aDigest("running");

let api: MemoryApi;
beforeEach(() => {
  api = memoryApi();
  const source = {
    name: "kubernetes",
    account: "444455556666",
    principal: "arn:aws:iam::444455556666:role/usage-reporter",
  };
  const other = {
    ...source,
    name: "nomad",
    principal: "arn:aws:iam::444455556666:role/nomad-*",
    scopes: ["a"],
  };
  api.usagePolicy.current = Policy.parse({ version: 1, usage: { sources: [source, other] } }).usage;
});

async function call(request: ApiCall) {
  const answer = await createHandler(api.deps)(anApiEvent(request), aLambdaContext("api"));
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
}

const anItem = (more: object = {}) => ({
  image: `${HOST}/prod/web:1.0.0`,
  digest: DIGEST,
  kind: "running",
  account: "444455556666",
  cluster: "shop",
  service: "deployment/shop/web",
  ...more,
});

function aReport(more: object = {}) {
  return {
    scope: SCOPE,
    sequence: 1,
    complete: true,
    observedAt: "2026-11-21T11:59:00.000Z",
    items: [anItem()],
    ...more,
  };
}

const put = (body: unknown, more: Partial<ApiCall> = {}) =>
  call({ method: "PUT", path: "/api/v1/usage/kubernetes", body, userArn: REPORTER, ...more });

/** What the queue's function does with a report that was stored. */
async function apply(report: ReturnType<typeof aReport>) {
  const { complete: _, ...rest } = report as UsageReport;
  const stored = { ...rest, source: "kubernetes", account: "444455556666", receivedAt: NOW.toISOString() };
  return applyReport(api.usage, stored, { now: NOW, keepDays: 30 });
}

describe("a report", () => {
  test("from the principal bound to its source is stored, queued and answered with where it stands", async () => {
    const answer = await put(aReport());
    expect(answer).toMatchObject({
      status: 202,
      body: { source: "kubernetes", scope: SCOPE, sequence: 1, items: 1 },
    });
    expect(answer.headers["location"]).toBe("/api/v1/usage/kubernetes/eks/shop");
    expect(await api.usage.snapshots.findSnapshot("kubernetes", SCOPE, 1)).toMatchObject({
      account: "444455556666",
      receivedAt: NOW.toISOString(),
      items: [anItem()],
    });
    expect(api.usageJobs).toMatchObject([{ kind: "apply", source: "kubernetes", scope: SCOPE, sequence: 1 }]);
  });

  test("that is sent again is accepted, and applied again should that have been lost", async () => {
    await put(aReport());
    expect((await put(aReport())).status).toBe(202);
    await apply(aReport());
    expect((await put(aReport())).status).toBe(202);
    expect(api.usageJobs).toHaveLength(3);
  });

  test.each([
    ["an older number", 1, {}],
    ["the same number and other content", 2, { items: [] }],
    ["a number that waits for a person", 1, { observedAt: "2026-11-21T11:58:00.000Z" }],
  ])("with %s is refused, and nothing changes", async (_, sequence, more) => {
    await apply(aReport({ sequence: 2 }));
    const writes = api.usage.journal.writes.length;
    const answer = await put(aReport({ sequence, ...more }));
    expect(answer).toMatchObject({ status: 409, body: { type: "urn:tallyman:problem:conflict" } });
    expect(answer.body.detail).toContain("take the next number, 3");
    expect(api.usage.journal.writes).toHaveLength(writes);
    expect(api.usageJobs).toEqual([]);
  });

  test.each([
    ["an operator of the hub", "arn:aws:iam::111122223333:user/test", "kubernetes", 403],
    ["another role of its account", "arn:aws:sts::444455556666:assumed-role/other/x", "kubernetes", 403],
    [
      "a role called alike in another account",
      "arn:aws:sts::999988887777:assumed-role/usage-reporter/x",
      "kubernetes",
      403,
    ],
    [
      "the principal of another source",
      "arn:aws:sts::444455556666:assumed-role/nomad-1/x",
      "kubernetes",
      403,
    ],
    ["anybody, as a source that is collected", REPORTER, "ecs", 403],
    ["anybody, as a source that tells by events", REPORTER, "ecs-events", 403],
    ["anybody, as a source that the policy does not have", REPORTER, "mesos", 404],
    ["nobody at all", null, "kubernetes", 401],
  ])("from %s is refused before it is read", async (_, userArn, source, status) => {
    const answer = await call({
      method: "PUT",
      path: `/api/v1/usage/${source}`,
      body: "not even JSON",
      userArn,
    });
    expect(answer.status).toBe(status);
    expect(api.usage.journal.writes).toEqual([]);
    expect(api.usageJobs).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["no scope", { scope: undefined }, "scope"],
    ["a scope with a number sign", { scope: "a#b" }, "scope"],
    ["a scope that no object's key could hold", { scope: "*".repeat(151) }, "scope"],
    ["sequence 0", { sequence: 0 }, "sequence"],
    ["a number that is none", { sequence: 1.5 }, "sequence"],
    ["half of what there is", { complete: false }, "complete"],
    ["no time", { observedAt: "yesterday" }, "observedAt"],
    ["an unknown key", { more: 1 }, "more"],
    ["no image", { items: [anItem(), anItem({ image: undefined })] }, "items.1.image"],
    ["an empty image", { items: [anItem({ image: "" })] }, "items.0.image"],
    ["a digest that is none", { items: [anItem({ digest: "sha256:xyz" })] }, "items.0.digest"],
    ["an unknown kind", { items: [anItem({ kind: "dreaming" })] }, "items.0.kind"],
    ["an account that is none", { items: [anItem({ account: "me" })] }, "items.0.account"],
    ["an unknown key in an item", { items: [anItem({ colour: "red" })] }, "items.0.colour"],
    ["escape sequences in a service", { items: [anItem({ service: "\u001b[31mweb" })] }, "items.0.service"],
    ["more items than it may hold", { items: Array.from({ length: 20_001 }, () => anItem()) }, "items"],
  ])("with %s is refused, and the place is named", async (_, more, parameter) => {
    const answer = await put(aReport(more));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ in: "body", parameter }]);
    expect(api.usage.journal.writes).toEqual([]);
  });

  test.each([
    "not a reference",
    `${HOST}/../etc/passwd:1`,
    `${HOST}/prod/web:`,
    `${HOST}/prod/web@sha256:xyz`,
    "sha256:0123",
    "\u202eweb",
    "//",
  ])("with %j for an image is refused; beside a digest it does not matter", async (image) => {
    const items = [anItem(), anItem({ image, digest: undefined })];
    const answer = await put(aReport({ items }));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ parameter: "items.1.image" }] } });
    expect(api.usage.journal.writes).toEqual([]);
    expect((await put(aReport({ items: [anItem({ image })] }))).status).toBe(202);
  });

  test.each(["nginx", "docker.io/library/nginx:1", `public.ecr.aws/x/y@${DIGEST}`, "ghcr.io/A/B"])(
    "with %s, which is none of ECR's, is taken",
    async (image) => {
      expect((await put(aReport({ items: [anItem({ image, digest: undefined })] }))).status).toBe(202);
    },
  );

  test("that is wrong in every item names the first ones and says how many more", async () => {
    const items = Array.from({ length: 500 }, () => anItem({ kind: "dreaming" }));
    const { body } = await put(aReport({ items }));
    expect(body.errors).toHaveLength(20);
    expect(body.detail).toContain("and 480 more");
  });

  test("of 20,000 items fits, and one beyond 5 MiB does not", async () => {
    const items = Array.from({ length: 20_000 }, (_, n) => anItem({ service: `deployment/shop/web-${n}` }));
    expect((await put(aReport({ items }))).status).toBe(202);
    const padded = items.map((item) => ({ ...item, image: item.image.padEnd(200, "x") }));
    const answer = await put(aReport({ sequence: 2, items: padded }));
    expect(answer).toMatchObject({ status: 413, body: { detail: "Send at most 5120 KiB." } });
  });

  test.each([
    ["minutes ahead, as clocks may differ", "2026-11-21T12:05:00.000Z", 202],
    ["further ahead", "2026-11-21T12:05:00.001Z", 400],
    ["of next year, which would never be too old", "2027-11-21T12:00:00.000Z", 400],
  ])("whose time is %s is answered with its status", async (_, observedAt, status) => {
    const answer = await put(aReport({ observedAt }));
    expect(answer.status).toBe(status);
    if (status === 202) return;
    expect(answer.body).toMatchObject({ errors: [{ in: "body", parameter: "observedAt" }] });
    expect(api.usage.journal.writes).toEqual([]);
    expect(api.usageJobs).toEqual([]);
  });

  test("of a scope that the policy does not name is refused where it names any", async () => {
    const userArn = "arn:aws:sts::444455556666:assumed-role/nomad-1/x";
    const path = "/api/v1/usage/nomad";
    const refused = await put(aReport(), { path, userArn });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ parameter: "scope" }] } });
    expect((await put(aReport({ scope: "a" }), { path, userArn })).status).toBe(202);
  });

  test("cannot be sent while the policy cannot be read", async () => {
    const broken = { ...api.deps, usagePolicy: () => Promise.reject(new Error("no such object")) };
    const event = anApiEvent({
      method: "PUT",
      path: "/api/v1/usage/kubernetes",
      body: aReport(),
      userArn: REPORTER,
    });
    expect((await createHandler(broken)(event, aLambdaContext("api"))).statusCode).toBe(503);
  });
});

describe("a suspect report", () => {
  const many = Array.from({ length: 10 }, (_, n) => anItem({ digest: aDigest(`${n}`) }));
  const accept = (body: object, more: Partial<ApiCall> = {}) =>
    call({ method: "POST", path: "/api/v1/usage/kubernetes/accept", body, ...more });

  beforeEach(async () => {
    await apply(aReport({ items: many }));
    await apply(aReport({ sequence: 2, items: [] }));
  });

  test("is shown with its scope, and accepted by a person, which is audited", async () => {
    const shown = await call({ path: "/api/v1/usage/kubernetes/eks/shop" });
    expect(shown.body).toMatchObject({
      source: "kubernetes",
      scope: SCOPE,
      sequence: 1,
      subjects: 10,
      suspect: { sequence: 2, subjects: 0, missing: 10 },
      doubts: [{ why: "suspect" }],
    });
    expect((await accept({ scope: SCOPE, sequence: 2, reason: "moved away" })).status).toBe(202);
    expect(api.usageJobs).toMatchObject([{ kind: "apply", sequence: 2 }]);
    expect((await apply(aReport({ sequence: 2, items: [] }))).outcome).toBe("in-force");
    const audit = await call({ path: "/api/v1/audit?day=2026-11-21" });
    expect(audit.body.items).toMatchObject([
      { action: "usage.accepted", actor: "arn:aws:iam::111122223333:user/test", reason: "moved away" },
      { action: "usage.accept-requested" },
    ]);
  });

  test.each([
    ["another number", { scope: SCOPE, sequence: 1 }, {}, 409],
    ["another scope", { scope: "eks/other", sequence: 2 }, {}, 409],
    ["no number", { scope: SCOPE }, {}, 400],
    [
      "a source that nobody knows",
      { scope: SCOPE, sequence: 2 },
      { path: "/api/v1/usage/mesos/accept" },
      404,
    ],
    ["whoever reported it", { scope: SCOPE, sequence: 2 }, { userArn: REPORTER }, 403],
  ])("is not accepted for %s", async (_, body, more, status) => {
    const writes = api.usage.journal.writes.length;
    expect((await accept(body, more)).status).toBe(status);
    expect(api.usage.journal.writes).toHaveLength(writes);
    expect(api.usageJobs).toEqual([]);
  });
});

describe("the status", () => {
  test("names what is blocked, why and what ends it", async () => {
    await api.inventory.summaries.putSummary(aSummary());
    const { status, body } = await call({ path: "/api/v1/usage" });
    expect(status).toBe(200);
    expect(body.items).toMatchObject([{ account: "111122223333", repository: "prod/web" }]);
    const reasons = body.items[0].doubts.map((doubt: { why: string }) => doubt.why);
    expect(new Set(reasons)).toEqual(new Set(["consumers-unknown", "never-reported"]));
    expect(body.items[0].doubts[0]).toMatchObject({ reason: expect.any(String), remedy: expect.any(String) });
    expect(body.sources).toEqual({ scopes: 6, inDoubt: 6 });
  });

  test("of a source lists its scopes; a source that nobody knows is not found", async () => {
    await apply(aReport());
    const { body } = await call({ path: "/api/v1/usage/kubernetes" });
    expect(body.items).toMatchObject([{ scope: SCOPE, sequence: 1, ageSeconds: 60, doubts: [] }]);
    expect((await call({ path: "/api/v1/usage/lambda?limit=1" })).body).toMatchObject({
      items: [{ collected: true, sequence: 0, doubts: [{ why: "never-reported" }] }],
      next: expect.any(String),
    });
    expect((await call({ path: "/api/v1/usage/mesos" })).status).toBe(404);
    expect((await call({ path: "/api/v1/usage/kubernetes/eks/none" })).status).toBe(404);
  });

  test.each([
    ["its own source", "/api/v1/usage/kubernetes", 200],
    ["one scope of it", "/api/v1/usage/kubernetes/eks/shop", 200],
    ["another's source", "/api/v1/usage/nomad", 403],
    ["a scope of another's", "/api/v1/usage/nomad/a", 403],
    ["a source that is collected", "/api/v1/usage/ecs", 403],
    ["a source that nobody knows", "/api/v1/usage/mesos", 403],
    ["what is blocked", "/api/v1/usage", 403],
    ["images", "/api/v1/images?tag=latest", 403],
  ])("whoever reports, and holds no other right, asks for %s", async (_, path, status) => {
    await apply(aReport());
    expect((await call({ path, userArn: REPORTER })).status).toBe(status);
  });
});

describe("where an image is used", () => {
  test("is listed with who told it and when, and with what is not known", async () => {
    await api.inventory.images.putImage(anImageRecord({ digest: DIGEST }));
    await apply(aReport());
    const { status, body } = await call({ path: `/api/v1/images/${DIGEST}/usage` });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      total: 1,
      items: [
        {
          source: "kubernetes",
          scope: SCOPE,
          account: "444455556666",
          cluster: "shop",
          service: "deployment/shop/web",
          kinds: ["running"],
          via: "digest",
          digest: DIGEST,
          firstSeen: "2026-11-21T11:59:00.000Z",
          lastSeen: "2026-11-21T11:59:00.000Z",
        },
      ],
      doubts: [{ repository: "prod/web" }],
    });
  });

  test("of an image that nobody has and nobody uses is not found", async () => {
    expect((await call({ path: `/api/v1/images/${aDigest("nobody's")}/usage` })).status).toBe(404);
  });
});
