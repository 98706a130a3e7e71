import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OPERATION_INPUTS } from "../testing/operation-inputs.ts";
import { ADMIN, type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

let server: RegistryServer;

beforeAll(async () => {
  server = await startRegistryServer();
});
afterAll(() => server.close());

const operation = fc.constantFrom(...Object.entries(OPERATION_INPUTS));
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "\ud800",
    "\u0000",
    "a".repeat(70_000),
    "%",
    "' OR 1=1 --",
    "../../x",
  ),
  fc.constantFrom(-1, 0, 1e308, 2 ** 53, 0.1, true, null, [], {}),
);

/** Puts a value somewhere into an input: in place of a member, of a member's member, or beside them. */
function planted(
  [name, input]: readonly [string, object],
  at: number,
  value: unknown,
): readonly [string, string] {
  const text = JSON.stringify(input);
  const values = [...text.matchAll(/(?<=[:[,])("[^"]*"|\d+|true|false)(?=[,}\]])/g)];
  const chosen = values[at % Math.max(values.length, 1)];
  const planting = JSON.stringify(value) ?? "null";
  if (chosen === undefined)
    return [name, `{"__proto__":${planting},"maxResults":${planting},"nextToken":${planting}}`];
  return [name, `${text.slice(0, chosen.index)}${planting}${text.slice(chosen.index + chosen[0].length)}`];
}

async function call(name: string, body: Buffer) {
  const answer = await server.registry.callApi({ operation: name, body, caller: ADMIN, region: "us-east-1" });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

test("whatever stands in place of a member, the answer is one of ECR's and never an internal error", async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(operation, fc.nat({ max: 20 }), hostile, async (chosen, at, value) => {
      const [name, text] = planted(chosen, at, value);
      const { status, body } = await call(name, Buffer.from(text));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      expect([status, body.__type ?? "none"]).not.toContain(500);
      if (status !== 200) expect([400, body.message.length > 0]).toEqual([status, true]);
    }),
    { numRuns: 1500 },
  );
  expect(server.errors).toEqual([]);
  // It would prove little if next to nothing got through the validation, or everything did.
  expect([...statuses.keys()].toSorted()).toEqual([200, 400]);
  expect(Math.min(...statuses.values())).toBeGreaterThan(30);
});

test("bytes that are no JSON are refused, whatever they are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(OPERATION_INPUTS)),
      fc.uint8Array({ minLength: 1 }),
      async (name, bytes) => {
        const { status } = await call(name, Buffer.from(bytes));
        expect([200, 400]).toContain(status);
      },
    ),
    { numRuns: 500 },
  );
  const deep = `{"tags":${"[".repeat(500_000)}`;
  for (const text of [deep, `${deep}${"]".repeat(500_000)}}`]) {
    expect((await call("CreateRepository", Buffer.from(text))).body.__type).toBe("SerializationException");
  }
  expect(server.errors).toEqual([]);
});
