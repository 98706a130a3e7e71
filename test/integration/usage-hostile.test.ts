import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { Evidence } from "../support/evidence.ts";
import { EAST, OTHER } from "../support/registries.ts";
import { credentialsOf } from "../support/registry-client.ts";
import { putReport, reporterRole, roleArn } from "../support/reporter.ts";
import { type Credentials, signedCall } from "../support/signed-call.ts";
import { type Facts, usageFacts } from "../support/usage-facts.ts";

// Whoever may report may say that nothing runs. So does whoever can make the product believe that a report is theirs.

const SCOPE = "eks/shop";
const DIGEST = `sha256:${"a".repeat(64)}`;
const HOST = "111122223333.dkr.ecr.us-east-1.amazonaws.com";

let product: Embedded;
let evidence: Evidence;
let reporter: Credentials;
let nomad: Credentials;
let namesake: Credentials;
let standing: Facts;

beforeAll(async () => {
  product = await Embedded.start();
  evidence = new Evidence(product);
  const account = EAST.account;
  const sources = [
    { name: "kubernetes", principal: roleArn("cluster-reporter"), account, scopes: [SCOPE, "eks/other"] },
    { name: "nomad", principal: roleArn("nomad-*"), account, scopes: ["nomad/batch"] },
  ];
  const operator = { principal: `arn:aws:iam::${account}:user/test`, right: "operator" };
  await evidence.usePolicy({ version: 1, access: { grants: [operator] }, usage: { sources } });
  reporter = await reporterRole(product, "cluster-reporter");
  nomad = await reporterRole(product, "nomad-1");
  namesake = await reporterRole(product, "cluster-reporter", OTHER);
  expect((await put(aReport({ sequence: 5 }))).status).toBe(202);
  await product.atRest();
  standing = await usageFacts(product);
  expect(standing.items.length).toBeGreaterThanOrEqual(2);
  expect(standing.objects.some((key) => key.includes("snapshots"))).toBe(true);
});

afterEach(async () => {
  await product.atRest();
  expect(await usageFacts(product)).toEqual(standing);
  expect(await product.control("GET", "health")).toMatchObject({ status: "ok" });
});

afterAll(async () => {
  evidence?.close();
  await product?.dispose();
});

const anItem = (more: object = {}) => ({
  image: `${HOST}/shop/web:1.0.0`,
  digest: DIGEST,
  ...{ kind: "running", account: EAST.account, cluster: "shop", service: "deployment/shop/web" },
  ...more,
});

function aReport(more: object = {}) {
  const observedAt = "2026-11-01T00:00:00.000Z";
  return { scope: SCOPE, sequence: 6, complete: true, observedAt, items: [anItem()], ...more };
}

async function put(body: unknown, source = "kubernetes", credentials: Credentials = reporter) {
  const answer = await putReport(product, source, { body, credentials });
  const problem = answer.text.startsWith("{") ? JSON.parse(answer.text) : {};
  return { ...answer, problem: problem as { readonly detail?: string } };
}

describe("a report that nobody is bound to", () => {
  test.each<[string, () => Credentials, string, number, RegExp]>([
    [
      "the hub's administrator",
      () => credentialsOf(EAST.account),
      "kubernetes",
      403,
      /may not report as "kubernetes"/,
    ],
    ["the administrator of another account", () => credentialsOf(OTHER.account), "kubernetes", 403, /.*/],
    ["a role of the same name in another account", () => namesake, "kubernetes", 403, /.*/],
    ["the principal of another source", () => nomad, "kubernetes", 403, /may not report as "kubernetes"/],
    ["the principal, as another source", () => reporter, "nomad", 403, /may not report as "nomad"/],
    ["the principal, as one that is collected", () => reporter, "ecs", 403, /Nobody reports as "ecs"/],
    ["the principal, as events", () => reporter, "ecs-events", 403, /Nobody reports as "ecs-events"/],
    ["the principal, as a source that is not there", () => reporter, "mesos", 404, /no source "mesos"/],
    ["the principal, as a source that climbs", () => reporter, "..%2fkubernetes", 404, /.*/],
  ])("from %s is refused with the reason", async (_, credentials, source, status, detail) => {
    const answer = await put(aReport({ items: [] }), source, credentials());
    const { problem, text } = answer;
    expect([answer.status, problem.detail ?? text]).toEqual([status, expect.stringMatching(detail)]);
  });

  test("whose signature was made for other content is refused", async () => {
    const answer = await signedCall(product.url, EAST, {
      ...{ service: "execute-api", method: "PUT", path: "/api/v1/usage/kubernetes", credentials: reporter },
      headers: { "content-type": "application/json" },
      body: JSON.stringify(aReport()),
      tamper: (headers) => {
        headers["authorization"] = (headers["authorization"] ?? "").replace(
          /Signature=\w{8}/,
          "Signature=00000000",
        );
      },
    });
    expect(answer.status).toBe(403);
  });

  test("that names itself in a header or in its body is not believed", async () => {
    const forged = { source: "kubernetes", principal: roleArn("cluster-reporter") };
    const answer = await put({ ...aReport(), ...forged }, "kubernetes", nomad);
    expect(answer.status).toBe(403);
    expect((await put({ ...aReport(), ...forged })).status).toBe(400);
  });

  test("may be accepted by nobody but an operator", async () => {
    const answer = await signedCall(product.url, EAST, {
      ...{ service: "execute-api", method: "POST", path: "/api/v1/usage/kubernetes/accept" },
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ scope: SCOPE, sequence: 6 }),
      credentials: reporter,
    });
    expect(answer.status).toBe(403);
  });
});

describe("a report of the principal itself", () => {
  test.each<[string, object, number, RegExp]>([
    ["with an old number", { sequence: 4 }, 409, /take the next number, 6/],
    [
      "with the number in force and other content",
      { sequence: 5, items: [] },
      409,
      /take the next number, 6/,
    ],
    ["with a number beyond what can be counted", { sequence: 2 ** 53 }, 400, /sequence/],
    ["with no number", { sequence: undefined }, 400, /sequence/],
    ["of a scope that the policy does not name", { scope: "eks/elsewhere" }, 400, /scope/],
    ["of another source's scope", { scope: "nomad/batch" }, 400, /scope/],
    ["of a scope that is collected", { scope: "111122223333/us-east-1" }, 400, /scope/],
    ["of a scope that climbs", { scope: "../../policy/current.json" }, 400, /scope/],
    ["of a scope with control characters", { scope: "eks/shop\u001b[2J" }, 400, /scope/],
    ["of a scope with a key's separator", { scope: "eks#shop" }, 400, /scope/],
    ["that is not complete", { complete: false }, 400, /complete/],
    ["of no time at all", { observedAt: "yesterday" }, 400, /observedAt/],
    ["that says more than is known", { deleteEverything: true }, 400, /deleteEverything/],
  ])("%s is refused, and what is wrong is named", async (_, more, status, detail) => {
    const { text, ...answer } = await put(aReport(more));
    expect([answer.status, text]).toEqual([status, expect.stringMatching(detail)]);
    expect(hasControl(text)).toBe(false);
  });

  test.each<[string, object]>([
    ["is no reference", { image: "not an image at all", digest: undefined }],
    ["is a path", { image: "../../etc/passwd", digest: undefined }],
    ["is a script", { image: "<script>alert(1)</script>", digest: undefined }],
    ["is of no registry", { image: `${HOST}/`, digest: undefined }],
    ["has a digest of no algorithm", { image: `${HOST}/shop/web@sha256:short`, digest: undefined }],
    ["has control characters", { image: `${HOST}/shop/web:1\u0000\u001b[31m`, digest: undefined }],
    ["has a digest that is none", { digest: "sha256:XYZ" }],
    ["is named beyond a kilobyte", { image: `${HOST}/${"a".repeat(2000)}:1`, digest: undefined }],
    ["is used in an unknown way", { kind: "deleted" }],
    ["is used in no account", { account: "us" }],
    ["is used by what cannot be shown", { service: "deployment/\u202eshop\n" }],
    ["is used in a key's separator", { cluster: "a#b" }],
    ["is used with more than is known", { admin: true }],
  ])("with an image that %s is refused as a whole, and the item is named", async (_, more) => {
    const { status, text } = await put(aReport({ items: [anItem(), anItem(more)] }));
    expect([status, text]).toEqual([400, expect.stringMatching(/items[.[]1/)]);
    expect(text.length).toBeLessThan(5000);
    expect(hasControl(text)).toBe(false);
  });

  test.each<[string, string]>([
    ["no JSON", "{oops"],
    ["a list", "[]"],
    ["nothing", "null"],
    ["deep", `{"items":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["its own prototype", '{"__proto__":{"scope":"eks/shop"},"complete":true}'],
  ])("that is %s is refused", async (_, body) => {
    expect((await put(body)).status).toBe(400);
  });

  test("of more items than a report may have is refused", async () => {
    const items = Array.from({ length: 20_001 }, () => anItem());
    expect(Buffer.byteLength(JSON.stringify(items))).toBeLessThan(5 * 2 ** 20);
    expect((await put(aReport({ items }))).status).toBe(400);
  });

  test("of 50 MB is refused for its size", async () => {
    const { status, text } = await put(JSON.stringify({ ...aReport(), padding: "x".repeat(50 * 2 ** 20) }));
    expect([status, text.length]).toEqual([413, expect.any(Number)]);
    expect(text).toMatch(/too.?large/i);
    expect(text.length).toBeLessThan(1000);
  });

  test("in another format is refused", async () => {
    const answer = await signedCall(product.url, EAST, {
      ...{ service: "execute-api", method: "PUT", path: "/api/v1/usage/kubernetes", credentials: reporter },
      headers: { "content-type": "text/plain" },
      body: JSON.stringify(aReport()),
    });
    expect(answer.status).toBe(415);
  });
});

test("after all that, the report in force is the one that was, and the next one is taken", async () => {
  const { body } = await product.api.get(`/usage/kubernetes/${SCOPE}`);
  expect(body).toMatchObject({ sequence: 5, subjects: 1 });
  expect(body).not.toHaveProperty("suspect");
  expect((await put(aReport({ sequence: 7 }))).status).toBe(202);
  await product.atRest();
  expect((await product.api.get(`/usage/kubernetes/${SCOPE}`)).body).toMatchObject({ sequence: 7 });
  standing = await usageFacts(product);
});

function hasControl(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e]/.test(text);
}
