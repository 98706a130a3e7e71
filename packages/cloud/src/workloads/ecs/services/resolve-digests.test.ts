import { beforeEach, expect, test } from "vitest";
import { createClock } from "../../../clock/create-clock.ts";
import type { EcsCore } from "../ecs-core.ts";
import { createEcsSettings } from "../ecs-settings.ts";
import { type EcsState, openState } from "../ecs-state.ts";
import { noStore } from "../ecs-store.ts";
import type { Deployment, Service, Task, TaskDefinition } from "../model.ts";
import { PullError } from "../pull/pull-error.ts";
import { createDigestResolver } from "./resolve-digests.ts";

const place = "arn:aws:ecs:us-east-1:111122223333";
const serviceArn = `${place}:service/demo/web`;
const taskDefinitionArn = `${place}:task-definition/web:1`;
const uri = (rest: string) => `111122223333.dkr.ecr.us-east-1.amazonaws.com/team/web${rest}`;
const { signal } = new AbortController();

let state: EcsState;
/** What each attempt answers with; it is asked when the test lets it. */
let attempts: (() => Promise<string>)[];
let asked: number;

beforeEach(() => {
  state = openState(noStore());
  attempts = [];
  asked = 0;
  define({ name: "main", image: uri(":live") });
  const deployment = { id: "ecs-svc/1", internal: { digests: {}, resolutions: 0 } } as unknown as Deployment;
  state.services.set({ serviceArn, deployments: [deployment] } as unknown as Service);
});

function define(...containerDefinitions: readonly object[]): void {
  state.taskDefinitions.set({ taskDefinitionArn, containerDefinitions } as unknown as TaskDefinition);
}

function aTask(id: string): Task {
  const internal = {
    service: serviceArn,
    deployment: "ecs-svc/1",
    executionRoleArn: "arn:aws:iam::1:role/x",
  };
  return { taskArn: `${place}:task/demo/${id}`, taskDefinitionArn, internal } as unknown as Task;
}

function resolver() {
  const core = {
    ...{ state, clock: createClock(), settings: createEcsSettings() },
    assumeServiceRole: () => ({ credentials: {} }),
    puller: { resolve: () => attempts[asked++]?.() ?? Promise.reject(new Error("Nobody was to ask")) },
  };
  return createDigestResolver(core as unknown as EcsCore);
}

const missing = () => Promise.reject(new PullError({ at: "content", message: "no" }));

test("tasks that start together resolve once, also when the tag moves meanwhile", async () => {
  const first = Promise.withResolvers<string>();
  attempts = [() => first.promise, () => Promise.resolve("sha256:moved")];
  const { digestsFor } = resolver();
  const all = [
    digestsFor(aTask("a"), signal),
    digestsFor(aTask("b"), signal),
    digestsFor(aTask("c"), signal),
  ];
  first.resolve("sha256:first");
  expect(await Promise.all(all)).toEqual(Array(3).fill({ main: "sha256:first" }));
  expect(await digestsFor(aTask("d"), signal)).toEqual({ main: "sha256:first" });
  expect(asked).toBe(1);
});

test("after three failed attempts the deployment goes on with the tag, and asks no more", async () => {
  attempts = [missing, missing, missing];
  const { digestsFor } = resolver();
  expect(await digestsFor(aTask("a"), signal)).toEqual({});
  expect(await digestsFor(aTask("b"), signal)).toEqual({});
  expect(asked).toBe(3);
});

test("what failed once is resolved by the next attempt", async () => {
  attempts = [missing, () => Promise.resolve("sha256:later")];
  expect(await resolver().digestsFor(aTask("a"), signal)).toEqual({ main: "sha256:later" });
});

test("a task that is stopped leaves the resolving to others, and counts as no attempt", async () => {
  const gone = new AbortController();
  const never = Promise.withResolvers<string>();
  attempts = [() => never.promise, () => Promise.resolve("sha256:next")];
  const { digestsFor } = resolver();
  const first = digestsFor(aTask("a"), gone.signal);
  const second = digestsFor(aTask("b"), signal);
  gone.abort();
  never.reject(gone.signal.reason);
  expect(await first).toEqual({});
  expect(await second).toEqual({ main: "sha256:next" });
  expect(state.services.get(serviceArn)?.deployments[0]?.internal.resolutions).toBe(0);
});

test("containers that opted out are not resolved", async () => {
  define(
    { name: "main", image: uri(":live"), versionConsistency: "disabled" },
    { name: "side", image: uri(":side"), versionConsistency: "enabled" },
  );
  attempts = [() => Promise.resolve("sha256:side")];
  expect(await resolver().digestsFor(aTask("a"), signal)).toEqual({ side: "sha256:side" });
});

test("an agent older than 1.31.0 takes no part", async () => {
  const containerInstanceArn = `${place}:container-instance/demo/i`;
  const instance = { containerInstanceArn, versionInfo: { agentVersion: "1.30.0" } };
  state.instances.set(instance as unknown as Parameters<EcsState["instances"]["set"]>[0]);
  expect(await resolver().digestsFor({ ...aTask("a"), containerInstanceArn }, signal)).toEqual({});
  expect(asked).toBe(0);
});
