import { expect, test } from "vitest";
import { anApiEvent } from "../../test/builders/api-event.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { memoryApi } from "../../test/fakes/memory-api.ts";
import { createApp } from "./app.ts";
import { createHandler } from "./handler.ts";
import { groupOf, routesOf } from "./route-groups.ts";

type Operation = {
  readonly operationId?: string;
  readonly "x-tallyman-right"?: string;
  readonly responses: Readonly<Record<string, unknown>>;
};

async function document() {
  const handler = createHandler(memoryApi().deps);
  const answer = await handler(anApiEvent({ path: "/api/openapi.json" }), aLambdaContext("api"));
  return JSON.parse(answer.body);
}

test("the document is OpenAPI 3.1 and has every route under its full path", async () => {
  const { openapi, paths } = await document();
  expect(openapi).toBe("3.1.0");
  expect(Object.keys(paths).toSorted()).toEqual([
    "/api/v1/audit",
    "/api/v1/brake",
    "/api/v1/changes",
    "/api/v1/dead-letters",
    "/api/v1/dead-letters/{queue}/redrive",
    "/api/v1/health",
    "/api/v1/images",
    "/api/v1/images/{digest}",
    "/api/v1/images/{digest}/life",
    "/api/v1/images/{digest}/relations",
    "/api/v1/images/{digest}/usage",
    "/api/v1/reconciles",
    "/api/v1/reconciles/{run}",
    "/api/v1/registries",
    "/api/v1/registries/check",
    "/api/v1/replicas",
    "/api/v1/repositories",
    "/api/v1/tags/history",
    "/api/v1/totals",
    "/api/v1/usage",
    "/api/v1/usage/{source}",
    "/api/v1/usage/{source}/accept",
    "/api/v1/usage/{source}/{scope}",
    "/api/v1/violations",
    "/api/v1/why",
  ]);
});

test("every operation names its id, the right it needs and how it refuses", async () => {
  const { paths } = await document();
  const operations: Operation[] = Object.values(paths).flatMap((path) => Object.values(path as object));
  expect(operations.length).toBeGreaterThan(10);
  for (const operation of operations) {
    expect(operation.operationId).toMatch(/^\w+$/);
    expect(["viewer", "operator", "approver", "source"]).toContain(operation["x-tallyman-right"]);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["400", "401", "403", "500"]));
  }
});

test("writing needs more than a viewer's right", async () => {
  const { paths } = await document();
  const posts = Object.values(paths).flatMap((path) => (path as { post?: Operation }).post ?? []);
  expect(posts.map((post) => post["x-tallyman-right"])).toEqual(posts.map(() => "operator"));
  expect(posts.length).toBe(5);
});

test("every route that the document names is loaded by its own path alone", async () => {
  const { paths } = await document();
  for (const path of Object.keys(paths)) {
    const app = createApp(memoryApi().deps, await routesOf(groupOf(path)));
    const own = app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } }).paths ?? {};
    expect(Object.keys(own)).toContain(path);
    expect(Object.keys(own).length).toBeLessThan(Object.keys(paths).length);
  }
});
