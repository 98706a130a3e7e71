import { ProbeFailedError } from "@tallyman/domain/registry/probe";
import { registryName } from "@tallyman/domain/registry/registry";
import { expect, test } from "vitest";
import { functionDeps } from "../../test/builders/function-deps.ts";
import { HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { memoryProbes } from "../../test/fakes/memory-probes.ts";
import { createHandler } from "./handler.ts";

function setUp() {
  const it = functionDeps();
  const probes = memoryProbes();
  const exclusions = { isRegistered: async () => true, register: async () => undefined };
  const handler = createHandler({ ...it.deps, ...probes, exclusions });
  async function check(name: string, registry = HUB): Promise<number> {
    const body = { kind: "check", ...registry, check: name };
    const message = { body, group: `check#${registryName(registry)}` };
    return (await handler(anSqsEvent(message), aLambdaContext())).batchItemFailures.length;
  }
  return { ...it, ...probes, check };
}

test("what a check finds is kept as the registry's last one, under the name it was asked for by", async () => {
  const { deps, check, clock } = setUp();
  expect(await check("first")).toBe(0);
  expect(await deps.registries.findCheck(HUB)).toMatchObject({
    check: "first",
    checkedAt: "2026-11-16T01:54:35.000Z",
    findings: { length: 5 },
    version: 1,
  });
  clock.now = new Date("2026-11-16T02:00:00.000Z");
  await check("second");
  expect(await deps.registries.findCheck(HUB)).toMatchObject({ check: "second", version: 2 });
});

test("a registry that cannot be asked anything is findings and a warning each; its message is done", async () => {
  const { deps, check, watched } = setUp();
  const failed = new ProbeFailedError("sts:AssumeRole failed: no answer", { refused: false });
  for (const call of [
    "assumeReader",
    "assumeWriter",
    "describe",
    "isExclusionRegistered",
    "findRule",
  ] as const)
    watched.failing.set(call, failed);
  expect(await check("first")).toBe(0);
  const kept = await deps.registries.findCheck(HUB);
  expect(kept?.findings.map(({ ok }) => ok)).toEqual([false, false, false, false, false]);
  expect(deps.telemetry.messages("warn")).toHaveLength(5);
});

test("the remedy names the registry that carries the account's roles: the first that is declared", async () => {
  const { deps, check, watched } = setUp();
  watched.failing.set("assumeWriter", new ProbeFailedError("refused", { refused: true }));
  const west = { ...HUB, region: "us-west-2" };
  await check("first", west);
  const writer = (await deps.registries.findCheck(west))?.findings[2];
  expect(writer?.remedy).toContain("TALLYMAN_REGISTRY=111122223333/us-east-1");
});

test("a registry that is not declared is not looked at", async () => {
  const { deps, check } = setUp();
  const stranger = { ...HUB, region: "eu-west-3" };
  expect(await check("first", stranger)).toBe(1);
  expect(await deps.registries.findCheck(stranger)).toBeUndefined();
});
