import { expect, test } from "vitest";
import { type ApiCall, anApiEvent } from "../../test/builders/api-event.ts";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageRecord, aSummary } from "../../test/builders/records.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const WEB = "account=111122223333&region=us-east-1&repository=prod/web";

async function call(api: MemoryApi, request: ApiCall) {
  const answer = await createHandler(api.deps)(anApiEvent(request), aLambdaContext("api"));
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
}

test.each([
  ["/api/v1/images?region=us-east-1&repository=prod/web", "account", "is missing"],
  ["/api/v1/images?account=1&region=us-east-1&repository=prod/web", "account", "twelve digits"],
  ["/api/v1/images?account=111122223333&region=mars&repository=prod/web", "region", "not an AWS Region name"],
  [`/api/v1/images?${WEB.replace("prod/web", "../etc")}`, "repository", "not an ECR repository name"],
  [`/api/v1/images?${WEB}&tag=.x`, "tag", "not an OCI tag"],
  [`/api/v1/images?${WEB}&limit=0`, "limit", "1 to 100"],
  [`/api/v1/images?${WEB}&limit=101`, "limit", "1 to 100"],
  [`/api/v1/images?${WEB}&limit=ten`, "limit", "1 to 100"],
  [`/api/v1/images?${WEB}&limit=1&limit=2`, "limit", "1 to 100"],
  [`/api/v1/images?${WEB}&acount=1`, "acount", "no such parameter"],
  ["/api/v1/images/sha256:abc", "digest", "64 lower-case hexadecimal digits"],
  ["/api/v1/audit?day=2026-02-30", "day", "YYYY-MM-DD"],
  ["/api/v1/replicas?overdue=false", "overdue", "true"],
])("GET %s names %s and what it may be", async (path, parameter, words) => {
  const { status, headers, body } = await call(memoryApi(), { path });
  expect({ status, type: headers["content-type"] }).toEqual({
    status: 400,
    type: "application/problem+json",
  });
  expect(body.type).toBe("urn:tallyman:problem:invalid-parameter");
  expect(body.errors).toMatchObject([{ parameter }]);
  expect(body.detail).toContain(words);
});

test("every wrong parameter is named, not only the first", async () => {
  const { body } = await call(memoryApi(), { path: "/api/v1/images?account=1&region=x" });
  expect(body.errors.map((it: { parameter: string }) => it.parameter)).toEqual([
    "account",
    "region",
    "repository",
  ]);
});

test.each([
  ["?digest=sha256:abc&overdue=true", 400],
  [`?digest=${aDigest("a")}&overdue=true`, 400],
  ["?account=111122223333&region=us-east-1", 400],
  [`?account=111122223333&region=us-east-1&repository=prod/web&digest=${aDigest("a")}`, 400],
])("replicas%s answers %i: one way to ask at a time", async (query, status) => {
  expect((await call(memoryApi(), { path: `/api/v1/replicas${query}` })).status).toBe(status);
});

test.each([
  [{ body: "{" }, 400, "malformed-body"],
  [{ body: "" }, 400, "malformed-body"],
  [{ body: "{}", headers: { "content-type": "text/plain" } }, 415, "unsupported-media-type"],
  [
    { body: "on=true", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "unsupported-media-type",
  ],
  [{ body: { on: "yes", reason: "x" } }, 400, "invalid-parameter"],
  [{ body: { on: true } }, 400, "invalid-parameter"],
  [{ body: { on: true, reason: "  " } }, 400, "invalid-parameter"],
  [{ body: { on: true, reason: "x", off: 1 } }, 400, "invalid-parameter"],
  [{ body: [] }, 400, "invalid-parameter"],
  [{ body: { on: true, reason: "x".repeat(20_000) } }, 413, "too-large"],
] as const)("POST /brake with %j answers %i %s and changes nothing", async (request, status, code) => {
  const api = memoryApi();
  const answer = await call(api, { method: "POST", path: "/api/v1/brake", ...request });
  expect(answer).toMatchObject({ status, body: { type: `urn:tallyman:problem:${code}` } });
  expect(api.inventory.journal.writes).toEqual([]);
});

test.each(["DELETE", "PUT", "PATCH"])("%s is no method of any route", async (method) => {
  expect((await call(memoryApi(), { method, path: "/api/v1/brake" })).status).toBe(404);
});

async function withManyImages(): Promise<MemoryApi> {
  const api = memoryApi();
  await api.inventory.summaries.putSummary(aSummary());
  for (let i = 0; i < 7; i++) await api.inventory.images.putImage(anImageRecord({ digest: aDigest(`${i}`) }));
  return api;
}

test("following `next` gives every item once", async () => {
  const api = await withManyImages();
  const digests: string[] = [];
  let cursor = "";
  do {
    const { body } = await call(api, { path: `/api/v1/images?${WEB}&limit=3${cursor}` });
    digests.push(...body.items.map((it: { digest: string }) => it.digest));
    cursor = body.next === undefined ? "" : `&cursor=${body.next}`;
  } while (cursor !== "");
  expect(digests).toHaveLength(7);
  expect(new Set(digests).size).toBe(7);
});

test("a cursor may be used with another page size", async () => {
  const api = await withManyImages();
  const { body } = await call(api, { path: `/api/v1/images?${WEB}&limit=3` });
  const rest = await call(api, { path: `/api/v1/images?${WEB}&limit=100&cursor=${body.next}` });
  expect(rest.body.items).toHaveLength(4);
});

test.each([
  ["changed", (next: string) => ({ path: `/api/v1/images?${WEB}&cursor=x${next}` })],
  ["used for another repository", (next: string) => ({ path: `/api/v1/images?${WEB}-2&cursor=${next}` })],
  ["used for another route", (next: string) => ({ path: `/api/v1/repositories?cursor=${next}` })],
  [
    "used by someone else",
    (next: string) => ({
      path: `/api/v1/images?${WEB}&cursor=${next}`,
      userArn: "arn:aws:iam::111122223333:user/other",
    }),
  ],
])("a cursor that is %s is refused", async (_, request) => {
  const api = await withManyImages();
  const { body } = await call(api, { path: `/api/v1/images?${WEB}&limit=3` });
  const refused = await call(api, request(body.next));
  expect(refused).toMatchObject({ status: 400, body: { type: "urn:tallyman:problem:invalid-cursor" } });
  expect(refused.body.detail).toContain("start again");
});
