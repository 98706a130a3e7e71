import { registryName } from "@tallyman/domain/registry/registry";
import { expect, test } from "vitest";
import { type ApiCall, anApiEvent } from "../../test/builders/api-event.ts";
import { aSummary } from "../../test/builders/records.ts";
import { HUB } from "../../test/builders/registry.ts";
import { aLambdaContext } from "../../test/builders/sqs-event.ts";
import { type MemoryApi, memoryApi } from "../../test/fakes/memory-api.ts";
import { createHandler } from "./handler.ts";

const WEST = { ...HUB, region: "us-west-2" };
const PATH = "/api/v1/registries";

async function call(api: MemoryApi, request: ApiCall) {
  const answer = await createHandler(api.deps)(anApiEvent(request), aLambdaContext("api"));
  return { status: answer.statusCode, headers: answer.headers ?? {}, body: JSON.parse(answer.body) };
}

const get = (api: MemoryApi, path: string) => call(api, { path });
const check = (api: MemoryApi, body: unknown = {}) =>
  call(api, { method: "POST", path: `${PATH}/check`, body });

function declaring(api: MemoryApi, registries: readonly (typeof HUB)[]): MemoryApi {
  return { ...api, deps: { ...api.deps, declared: { declaredRegistries: async () => registries } } };
}

test("every declared registry is listed, with what is known of it and nothing else", async () => {
  const api = memoryApi();
  const { summaries, registries } = api.inventory;
  await summaries.putSummary(aSummary({ repository: "a", lastEventAt: "2026-11-21T09:00:00.000Z" }));
  await summaries.putSummary(aSummary({ repository: "b", lastEventAt: "2026-11-20T09:00:00.000Z" }));
  await summaries.putSummary(aSummary({ repository: "c" }));
  const run = { run: "run-1", kind: "all", startedAt: "2026-11-21T00:00:00.000Z", repositories: 3 } as const;
  const ended = { completedAt: "2026-11-21T00:05:00.000Z", lastCompletedAt: "2026-11-21T00:05:00.000Z" };
  await registries.putRun({ ...HUB, ...run, ...ended, version: 1 });
  const findings = [
    { check: "reachable", ok: true, reason: "ECR answers" },
    { check: "exclusion", ok: false, reason: "not registered", remedy: "do this" },
  ] as const;
  const checked = { check: "check-1", checkedAt: "2026-11-21T10:00:00.000Z", findings };
  await registries.putCheck({ ...HUB, ...checked, version: 1 });
  const { status, body } = await get(api, PATH);
  expect(status).toBe(200);
  expect(body).toEqual({
    items: [
      {
        ...HUB,
        lastEventAt: "2026-11-21T09:00:00.000Z",
        run: { ...run, ...ended },
        stale: false,
        check: { ...checked, ok: false },
      },
      { ...WEST, stale: true, staleReason: "no reconcile has completed yet" },
    ],
  });
});

test("pages go on by name: a deployment in between repeats none and skips none", async () => {
  const names = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"];
  const registries = names.map((region) => ({ ...HUB, region }));
  const api = declaring(memoryApi(), registries.toReversed());
  const first = (await get(api, `${PATH}?limit=2`)).body;
  expect(first.items.map((it: typeof HUB) => it.region)).toEqual(names.slice(0, 2));
  const second = (await get(api, `${PATH}?limit=2&cursor=${first.next}`)).body;
  expect(second.items.map((it: typeof HUB) => it.region)).toEqual(names.slice(2));
  // The last one of the first page is declared no longer, and another one is new.
  const later = declaring(api, [
    ...registries.filter(({ region }) => region !== "us-east-2"),
    { ...HUB, region: "us-west-3" },
  ]);
  const rest = (await get(later, `${PATH}?limit=3&cursor=${first.next}`)).body;
  expect(rest.items.map((it: typeof HUB) => it.region)).toEqual(["us-west-1", "us-west-2", "us-west-3"]);
  expect(rest.next).toBeUndefined();
});

test("a check of all registries, or of one, is queued under the request's id", async () => {
  const api = memoryApi();
  const { awsRequestId } = aLambdaContext();
  const all = await check(api);
  expect(all).toMatchObject({ status: 202, headers: { location: PATH } });
  expect(all.body).toEqual({ check: awsRequestId, registries: 2, askedAt: "2026-11-21T12:00:00.000Z" });
  expect(api.checksAskedFor.get(awsRequestId)).toEqual([HUB, WEST].map(registryName));
  expect((await check(api, { registry: WEST })).body.registries).toBe(1);
  expect(api.checksAskedFor.get(awsRequestId)).toEqual([registryName(WEST)]);
});

test.each([
  ["a registry that is not declared", { registry: { ...HUB, region: "eu-west-3" } }, 404],
  ["half a registry", { registry: { account: HUB.account } }, 400],
  ["an unknown key", { registries: [] }, 400],
])("with %s nothing is queued", async (_, body, status) => {
  const api = memoryApi();
  expect((await check(api, body)).status).toBe(status);
  expect(api.checksAskedFor.size).toBe(0);
});

test("a viewer may look, and not ask for a check", async () => {
  const jane = "arn:aws:sts::111122223333:assumed-role/viewers/jane";
  const grants = [{ principal: "arn:aws:iam::111122223333:role/viewers", right: "viewer" as const }];
  const api = memoryApi({ grants });
  const looked = await call(api, { path: PATH, userArn: jane });
  const asked = await call(api, { method: "POST", path: `${PATH}/check`, body: {}, userArn: jane });
  expect([looked.status, asked.status]).toEqual([200, 403]);
  expect(api.checksAskedFor.size).toBe(0);
});

test("with unreadable registries both say that, without the insides", async () => {
  const api = memoryApi();
  const declaredRegistries = () => Promise.reject(new Error("s3://secret-place"));
  const broken = { ...api, deps: { ...api.deps, declared: { declaredRegistries } } };
  for (const answer of [await get(broken, PATH), await check(broken)]) {
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringMatching(/config\/registries\.json/) },
    });
    expect(JSON.stringify(answer)).not.toContain("secret-place");
  }
});
