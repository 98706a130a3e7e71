import { BrakeOnError } from "@tallyman/domain/brake/with-brake";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import { registryName } from "@tallyman/domain/registry/registry";
import { expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { functionDeps, OTHER, WEST } from "../../test/builders/function-deps.ts";
import { anImage, aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent, type QueuedMessage } from "../../test/builders/sqs-event.ts";
import { memoryProbes } from "../../test/fakes/memory-probes.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const RUN = "run-1";
const registryJob = (registry = HUB, scope = "all") => ({ kind: "registry", ...registry, run: RUN, scope });
const finishJob = (registry = HUB) => ({ kind: "finish", ...registry, run: RUN });
const repositoryJob = (repository = "prod/web", registry = HUB) => ({
  kind: "repository",
  ...registry,
  repository,
  run: RUN,
});
const queued = (repository = "prod/web", registry = HUB) => ({
  ...repositoryJob(repository, registry),
  partOf: "registry",
});

function setUp() {
  const it = functionDeps();
  const exclusions = {
    registered: new Set([HUB, WEST, OTHER].map(registryName)),
    refusal: undefined as Error | undefined,
    isRegistered: async (registry: typeof HUB) => exclusions.registered.has(registryName(registry)),
    register: async (registry: typeof HUB) => {
      if (exclusions.refusal) throw exclusions.refusal;
      exclusions.registered.add(registryName(registry));
    },
  };
  const handler = createHandler({ ...it.deps, ...memoryProbes(), exclusions });
  const deliver = async (...messages: readonly QueuedMessage[]) => {
    const answer = await handler(anSqsEvent(...messages), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  const run = (body: unknown, group = registryName(HUB)) => deliver({ body, group });
  const audited = async () => (await it.deps.queries.listAudit("2026-11-16", { limit: 100 })).items;
  return { ...it, registry: it.deps.registry, exclusions, deliver, run, audited };
}

test("the schedule queues every declared registry", async () => {
  const { run, jobs } = setUp();
  expect(await run({ schedule: "reconcile", execution: RUN }, "schedule")).toEqual([]);
  expect(jobs).toEqual([registryJob(HUB), registryJob(WEST), registryJob(OTHER)]);
});

test("a registry queues its repositories, and those that only the inventory knows", async () => {
  const { run, jobs, registry } = setUp();
  registry.createRepository(WEB);
  registry.createRepository(aRepository("team/gone"));
  registry.push(aRepository("team/gone"), { digest: A, tags: ["1"] });
  await run(repositoryJob("team/gone"));
  registry.deleteRepository(aRepository("team/gone"));
  registry.createRepository(aRepository("elsewhere", WEST));
  expect(await run(registryJob())).toEqual([]);
  expect(jobs).toEqual([queued("prod/web"), queued("team/gone"), finishJob()]);
});

test("a broken registry comes back alone; the others of the same batch go on", async () => {
  const { deliver, registry, jobs, exclusions } = setUp();
  registry.createRepository(aRepository("prod/web", WEST));
  const { isRegistered } = exclusions;
  exclusions.isRegistered = async (it) => {
    if (it.region === HUB.region) throw new RegistryUnavailableError(it, "ListPullTimeUpdateExclusions");
    return isRegistered(it);
  };
  const failed = await deliver(
    { body: registryJob(HUB), group: registryName(HUB) },
    { body: registryJob(WEST), group: registryName(WEST) },
    { body: repositoryJob("prod/web", HUB), group: registryName(HUB) },
  );
  expect(failed).toEqual(["message-1", "message-3"]);
  expect(jobs).toEqual([queued("prod/web", WEST), finishJob(WEST)]);
});

test("what events missed is repaired, judged, told, and its copies expected, as a push would", async () => {
  const { run, registry, deps, sent, audited } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["latest"] });
  expect(await run(repositoryJob())).toEqual([]);
  expect(await deps.images.findImage(WEB, A)).toMatchObject({ state: "open" });
  expect(await deps.tags.findTag(WEB, "latest")).toMatchObject({ digest: A, cause: "reconcile" });
  expect(sent).toMatchObject([{ kind: "violation" }]);
  const key = { destination: WEST, repository: "prod/web", digest: A, tag: "latest" };
  expect(await deps.replicas.findReplica(key)).toMatchObject({ state: "pending" });
  expect(await audited()).toMatchObject([{ action: "inventory.repaired", details: { run: RUN } }]);
  expect(deps.telemetry.lines).toContainEqual(
    expect.objectContaining({
      message: "repository reconciled",
      metadata: expect.objectContaining({
        differences: { "image-missed": 1, "tag-missed": 1, "violation-opened": 1 },
      }),
    }),
  );
  expect(deps.telemetry.measurements).toEqual([
    { name: "DifferencesFound", value: 1, dimensions: { kind: "image-missed" } },
    { name: "DifferencesFound", value: 1, dimensions: { kind: "tag-missed" } },
    { name: "DifferencesFound", value: 1, dimensions: { kind: "violation-opened" } },
    { name: "Violations", value: 1 },
    { name: "ReconcileCompleted", value: 1 },
  ]);
});

test("the same repository again writes nothing but its summary", async () => {
  const { run, registry, inventory } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["latest"] });
  await run(repositoryJob());
  const writes = inventory.journal.writes.length;
  await run(repositoryJob());
  expect(inventory.journal.writes.slice(writes).map((write) => write.kind)).toEqual(["summary"]);
});

test("what stood there long before is listed and expected nowhere, not told one by one", async () => {
  const { run, registry, deps, sent } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  registry.push(WEB, anImage({ digest: A, tags: ["latest"], pushedAt: "2026-11-01T00:00:00.000Z" }));
  for (let day = 0; day < 2; day++) await run(repositoryJob());
  expect(await Array.fromAsync(deps.violations.listOpenViolations(WEB))).toHaveLength(1);
  expect(sent).toEqual([]);
  const key = { destination: WEST, repository: "prod/web", digest: A, tag: "latest" };
  expect(await deps.replicas.findReplica(key)).toBeUndefined();
  expect(deps.telemetry.messages("info")).toContain("violations listed, not told one by one");
});

test("an image that came by replication is not expected to be copied on", async () => {
  const { run, registry, deps } = setUp();
  registry.setReplicationRules(WEST, [{ destinations: [OTHER], prefixes: [] }]);
  registry.push(aRepository("prod/web", WEST), { digest: A, tags: ["1.4.2"] });
  const copy = { destination: WEST, repository: "prod/web", digest: A, tag: "1.4.2" };
  const at = "2026-11-16T01:54:34.000Z";
  await deps.replicas.putReplica({
    ...copy,
    source: HUB,
    state: "arrived",
    expectedAt: at,
    arrivedAt: at,
    checks: 0,
    version: 1,
  });
  expect(await run(repositoryJob("prod/web", WEST))).toEqual([]);
  expect(await deps.images.findImage(aRepository("prod/web", WEST), A)).toBeDefined();
  expect(await deps.replicas.findReplica({ ...copy, destination: OTHER })).toBeUndefined();
});

test("a notice that was not taken is sent at the next reconcile", async () => {
  const { run, registry, failing, sent } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  failing.notices = 1;
  expect(await run(repositoryJob())).toEqual(["message-1"]);
  expect(await run(repositoryJob())).toEqual([]);
  expect(sent).toHaveLength(1);
});

test("a missing pull-time exclusion is registered again, with an entry before and after", async () => {
  const { run, exclusions, deps, audited } = setUp();
  exclusions.registered.clear();
  await run(registryJob());
  expect(await exclusions.isRegistered(HUB)).toBe(true);
  // Newest first.
  expect((await audited()).map((entry) => entry.action)).toEqual([
    "pull-time-exclusion.registered",
    "pull-time-exclusion.register-requested",
  ]);
  expect(deps.telemetry.messages("info")).toContain("pull-time exclusion registered");
});

test.each([
  ["the brake is on", new BrakeOnError("maintenance")],
  ["the writer is refused", new RegistryUnavailableError(HUB, "RegisterPullTimeUpdateExclusion")],
])(
  "when %s the exclusion stays missing, that is said, and the registry is reconciled",
  async (_, refusal) => {
    const { run, exclusions, registry, deps, jobs, audited } = setUp();
    exclusions.registered.clear();
    exclusions.refusal = refusal;
    registry.createRepository(WEB);
    expect(await run(registryJob())).toEqual([]);
    expect(jobs).toEqual([queued(), finishJob()]);
    expect(deps.telemetry.messages("warn")).toEqual(["pull-time exclusion missing: no manifest is read"]);
    expect((await audited()).map((entry) => entry.action)).toContain("pull-time-exclusion.register-refused");
  },
);

test.each([
  [1, 10],
  [2, 30],
  [3, 120],
  [4, 300],
  [9, 300],
])(
  "a message that failed for the %ith time comes back in %i s, not after the visibility timeout",
  async (receiveCount, seconds) => {
    const { deliver, registry, redelivered } = setUp();
    registry.unavailable = true;
    await deliver({ body: repositoryJob(), group: registryName(HUB), receiveCount });
    expect(redelivered.at(-1)).toEqual({ receiptHandle: "receipt-1", seconds });
  },
);

test("a message is told at its beginning to come back when its function must be over", async () => {
  const { run, registry, redelivered } = setUp();
  registry.createRepository(WEB);
  const told = { receiptHandle: "receipt-1", seconds: 30 + 60 };
  registry.beforeRead = async () => {
    expect(redelivered).toEqual([told]);
  };
  expect(await run(repositoryJob())).toEqual([]);
  expect(registry.reads.length).toBeGreaterThan(0);
  expect(redelivered).toEqual([told]);
});

test.each([
  ["a malformed message", { kind: "repository" }],
  ["a registry that is not declared", registryJob({ ...HUB, region: "eu-west-3" })],
])("%s can never succeed: it comes back at once, and soon is a dead letter", async (_, body) => {
  const { run, redelivered } = setUp();
  await run(body);
  expect(redelivered.at(-1)).toEqual({ receiptHandle: "receipt-1", seconds: 1 });
});

test("what cannot be compared says so, keeps its totals, and is well again once it was compared", async () => {
  const { run, registry, deps, clock } = setUp();
  registry.push(WEB, { digest: A, tags: ["1.0.0"] });
  await run(registryJob());
  await run(repositoryJob());
  registry.unavailable = true;
  await run(repositoryJob());
  expect(await deps.summaries.findSummary(WEB)).toMatchObject({
    images: 1,
    lastError: expect.stringContaining("got no usable answer from registry 111122223333/us-east-1"),
    lastErrorAt: clock.now.toISOString(),
  });
  await run(finishJob());
  const record = () => deps.registries.findRun(HUB);
  expect((await record())?.lastError).toContain("1 repository could not be compared: prod/web: ");
  expect(deps.telemetry.messages("warn")).toContain("registry reconciled in part");
  registry.unavailable = false;
  // Long after the end of its run: a dead letter that was moved back.
  await run(repositoryJob());
  expect((await deps.summaries.findSummary(WEB))?.lastError).toBeUndefined();
  expect((await record())?.lastError).toBeUndefined();
  expect((await record())?.lastCompletedAt).toBe(clock.now.toISOString());
});

test("a registry that cannot be asked gives its run up: no other repository is tried, none is a dead letter", async () => {
  const { deliver, run, registry, deps, clock, jobs } = setUp();
  for (const name of ["team/a", "team/b", "team/c"])
    registry.push(aRepository(name), { digest: A, tags: ["1"] });
  await run(registryJob());
  for (const job of jobs.splice(0)) await run(job);
  const well = await deps.registries.findRun(HUB);
  expect(well?.owedSince).toBeUndefined();
  const next = { run: "run-2" };
  clock.now = new Date(clock.now.getTime() + 86_400_000);
  await run({ ...registryJob(), ...next });
  registry.unavailable = true;
  const receive = (receiveCount: number) =>
    deliver({ body: { ...queued("team/a"), ...next }, group: registryName(HUB), receiveCount });
  expect(await receive(4)).toEqual(["message-1"]);
  expect((await deps.registries.findRun(HUB))?.gaveUp).toBeUndefined();
  expect(await receive(5)).toEqual([]);
  const reads = registry.reads.length;
  expect(await run({ ...queued("team/b"), ...next })).toEqual([]);
  expect(await run({ ...queued("team/c"), ...next })).toEqual([]);
  expect(registry.reads).toHaveLength(reads);
  await run({ ...finishJob(), ...next });
  const lastError = expect.stringMatching(
    /^the registry could not be asked, and nothing .* from team\/a on: /,
  );
  expect(await deps.registries.findRun(HUB)).toMatchObject({
    run: "run-2",
    lastError,
    lastCompletedAt: well?.lastCompletedAt,
  });
  expect(await deps.runs.findRun("run-2")).toMatchObject({ ended: [{ failed: 3, reason: lastError }] });

  // A repository that was compared all the same does not speak for those that were left out.
  registry.unavailable = false;
  clock.now = new Date(clock.now.getTime() + 3_600_000);
  await run({ ...repositoryJob("team/a"), run: "asked" });
  expect((await deps.registries.findRun(HUB))?.lastError).toBeDefined();
  jobs.length = 0;
  await run({ ...registryJob(HUB, "changed"), run: "run-3" });
  const third = { run: "run-3" };
  expect(jobs).toEqual([
    { ...queued("team/b"), ...third },
    { ...queued("team/c"), ...third },
    { ...finishJob(), ...third },
  ]);
  for (const job of jobs.splice(0)) await run(job);
  const healed = await deps.registries.findRun(HUB);
  expect(healed).toMatchObject({ lastCompletedAt: clock.now.toISOString() });
  expect(healed).not.toHaveProperty("lastError");
  expect(healed).not.toHaveProperty("owedSince");
});

test("one repository that cannot be asked is a dead letter, and the others are compared", async () => {
  const { deliver, run, registry, deps } = setUp();
  for (const name of ["team/a", "team/b"]) registry.push(aRepository(name), { digest: A, tags: ["1"] });
  await run(registryJob());
  registry.beforeRead = (read) => {
    if (read === "listImages team/a") throw new RegistryUnavailableError(HUB, "DescribeImages");
  };
  const failing = { body: queued("team/a"), group: registryName(HUB), receiveCount: 5 };
  expect(await deliver(failing)).toEqual(["message-1"]);
  await run(queued("team/b"));
  expect((await deps.summaries.findSummary(aRepository("team/b")))?.reconciledAt).toBeDefined();
  await run(finishJob());
  const record = await deps.registries.findRun(HUB);
  expect(record?.lastError).toContain("1 repository could not be compared: team/a: ");
  // A dead letter that is moved back after the end of its run is compared.
  registry.beforeRead = undefined;
  await run(queued("team/a"));
  expect((await deps.registries.findRun(HUB))?.lastError).toBeUndefined();
});

test("what an earlier run has still queued is left to the later one, and the earlier is over without it", async () => {
  const { run, registry, deps, clock, jobs } = setUp();
  for (const name of ["team/a", "team/b"]) registry.push(aRepository(name), { digest: A, tags: ["1"] });
  await run(registryJob());
  clock.now = new Date(clock.now.getTime() + 3_600_000);
  await run({ ...registryJob(HUB, "changed"), run: "run-2" });
  const reads = registry.reads.length;
  expect(await run(queued("team/a"))).toEqual([]);
  expect(registry.reads).toHaveLength(reads);
  // What somebody asked for alone is compared whatever else is under way.
  await run({ ...repositoryJob("team/b"), run: "asked" });
  expect(registry.reads.length).toBeGreaterThan(reads);
  await run(finishJob());
  expect(await deps.runs.findRun(RUN)).toMatchObject({
    ended: [{ failed: 1, reason: "the later run run-2 compares them" }],
  });
  for (const job of jobs.filter((it) => it.run === "run-2")) await run(job);
  expect((await deps.summaries.findSummary(aRepository("team/a")))?.reconciledAt).toBe(
    clock.now.toISOString(),
  );
  expect(await deps.runs.findRun("run-2")).toMatchObject({ ended: [{ failed: 0 }] });
});

test("a registry that cannot be listed ends its run at the last receive, and all of it is owed to the next", async () => {
  const { deliver, run, registry, exclusions, deps, clock, jobs } = setUp();
  registry.push(WEB, { digest: A, tags: ["1"] });
  await run(registryJob());
  for (const job of jobs.splice(0)) await run(job);
  clock.now = new Date(clock.now.getTime() + 86_400_000);
  const { isRegistered } = exclusions;
  exclusions.isRegistered = async (it) => {
    throw new RegistryUnavailableError(it, "ListPullTimeUpdateExclusions");
  };
  const daily = { body: { ...registryJob(), run: "run-2" }, group: registryName(HUB) };
  expect(await deliver({ ...daily, receiveCount: 4 })).toEqual(["message-1"]);
  expect(await deps.runs.findRun("run-2")).toBeUndefined();
  expect(await deliver({ ...daily, receiveCount: 5 })).toEqual([]);
  expect(await deps.runs.findRun("run-2")).toMatchObject({ ended: [{ reason: expect.any(String) }] });
  exclusions.isRegistered = isRegistered;
  clock.now = new Date(clock.now.getTime() + 3_600_000);
  await run({ ...registryJob(HUB, "changed"), run: "run-3" });
  expect(jobs[0]).toEqual({ ...queued(), run: "run-3" });
});

test("a registry that cannot be listed is stale, and counted by the next schedule", async () => {
  const { run, exclusions, deps } = setUp();
  exclusions.isRegistered = async (it) => {
    throw new RegistryUnavailableError(it, "ListPullTimeUpdateExclusions");
  };
  await run(registryJob());
  expect(await deps.registries.findRun(HUB)).toMatchObject({ run: RUN, lastError: expect.any(String) });
  await run({ schedule: "reconcile-changed", execution: "run-2" }, "schedule");
  // The other two have never been reconciled.
  expect(deps.telemetry.measurements).toContainEqual({ name: "StaleRegistries", value: 3 });
});

test("a registry ends after its repositories, in the daily run as in the hourly one", async () => {
  const { run, registry, jobs, deps } = setUp();
  registry.createRepository(WEB);
  await run(registryJob());
  for (const job of jobs.splice(0)) await run(job);
  expect(deps.telemetry.measurements).toContainEqual({ name: "RegistryReconciled", value: 1 });
  await run(registryJob(HUB, "changed"));
  expect(jobs).toEqual([finishJob()]);
});

test("a repository that neither registry nor inventory knows is compared, and not listed", async () => {
  const { run, inventory } = setUp();
  expect(await run(repositoryJob("team/unknown"))).toEqual([]);
  expect(inventory.journal.writes).toEqual([]);
});

test("resource tags are kept when they cannot be read", async () => {
  const { run, registry, deps } = setUp();
  registry.push(WEB, { digest: A, tags: ["1.0.0"] });
  registry.setResourceTags(WEB, { team: "web" });
  await run(repositoryJob());
  expect((await deps.summaries.findSummary(WEB))?.resourceTags).toEqual({ team: "web" });
  registry.beforeRead = (read) => {
    if (read.startsWith("resourceTags")) throw new RegistryUnavailableError(HUB, "ListTagsForResource");
  };
  expect(await run(repositoryJob())).toEqual([]);
  expect((await deps.summaries.findSummary(WEB))?.resourceTags).toEqual({ team: "web" });
});

test("an unreachable registry completes nothing", async () => {
  const { run, registry, deps, inventory } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  registry.unavailable = true;
  expect(await run(repositoryJob())).toEqual(["message-1"]);
  expect(inventory.journal.writes.map(({ kind }) => kind)).toEqual(["summary", "registry"]);
  expect(deps.telemetry.measurements).toEqual([]);
});

test.each([
  ["another schedule", { schedule: "due", execution: RUN }],
  ["no kind", { ...HUB, run: RUN }],
  ["a path as repository", repositoryJob("../etc")],
  ["a registry that is not declared", registryJob({ ...HUB, region: "eu-west-3" })],
])("%s is refused", async (_, body) => {
  const { run, registry } = setUp();
  expect(await run(body)).toEqual(["message-1"]);
  expect(registry.reads).toEqual([]);
});
