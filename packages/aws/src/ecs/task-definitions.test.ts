import { ECSClient } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { answersOf, definitionArn } from "../../../../test/support/aws-account.ts";
import { WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { clientsAt } from "../sts/clients-at.ts";
import { ecsTaskDefinitions } from "./task-definitions.ts";

const open = () => ecsTaskDefinitions(clientsAt(WIRE_CLIENTS, (settings) => new ECSClient(settings)));

test("a revision is asked for once: it never changes", async () => {
  const wire = await wired(answersOf({ definitions: { "web:1": ["web:1", "proxy:1", "web:1"] } }));
  const definitions = open();
  for (let i = 0; i < 3; i++)
    expect(await definitions.imagesOf(HUB, definitionArn("web:1"))).toEqual(["web:1", "proxy:1"]);
  expect(wire.calls).toHaveLength(1);
});

test("a family is asked for each time: its latest revision is another one tomorrow", async () => {
  const revisions: Record<string, string[]> = { "web:1": ["web:1"] };
  await wired(answersOf({ definitions: revisions }));
  const definitions = open();
  expect(await definitions.imagesOf(HUB, definitionArn("web"))).toEqual(["web:1"]);
  revisions["web:2"] = ["web:2"];
  expect(await definitions.imagesOf(HUB, definitionArn("web"))).toEqual(["web:2"]);
});

test("a revision that is not there is not remembered as one without images", async () => {
  const revisions: Record<string, string[]> = {};
  await wired(answersOf({ definitions: revisions }));
  const definitions = open();
  expect(await definitions.imagesOf(HUB, definitionArn("web:1"))).toEqual([]);
  revisions["web:1"] = ["web:1"];
  expect(await definitions.imagesOf(HUB, definitionArn("web:1"))).toEqual(["web:1"]);
});

test("a name that is no ARN is another revision in each account", async () => {
  await wired({
    "ecs:DescribeTaskDefinition": ({ account }) => ({
      body: { taskDefinition: { containerDefinitions: [{ image: account }] } },
    }),
  });
  const definitions = open();
  for (const account of [HUB.account, "444455556666", HUB.account])
    expect(await definitions.imagesOf({ ...HUB, account }, "web:1")).toEqual([account]);
});

test("no revisions are asked for where none count", async () => {
  const wire = await wired(answersOf({ definitions: { "web:1": ["web:1"] } }));
  expect(await open().lastRevisions(HUB, "web", 0)).toEqual([]);
  expect(wire.calls).toEqual([]);
});
