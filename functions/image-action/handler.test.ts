import { expect, test } from "vitest";
import { aDigest } from "../../test/builders/digest.ts";
import { anImageEvent } from "../../test/builders/ecr-event.ts";
import { functionDeps, OTHER, POLICY, WEST } from "../../test/builders/function-deps.ts";
import { aManifest } from "../../test/builders/manifest.ts";
import { aRepository, HUB } from "../../test/builders/registry.ts";
import { aLambdaContext, anSqsEvent } from "../../test/builders/sqs-event.ts";
import { aPullThrough } from "../../test/builders/trail-event.ts";
import { createHandler } from "./handler.ts";

const WEB = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");

function setUp() {
  const it = functionDeps();
  const handler = createHandler(it.deps);
  const { registry, telemetry, ...stores } = it.deps;
  const deliver = async (...events: readonly unknown[]) => {
    const answer = await handler(anSqsEvent(...events.map((body) => ({ body }))), aLambdaContext());
    return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
  };
  return { ...it, registry, telemetry, stores, deliver };
}

test("a push is recorded, judged and told", async () => {
  const { registry, deliver, stores, sent, telemetry } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  expect(await deliver(anImageEvent("PUSH", { digest: A, tag: "latest" }))).toEqual([]);

  expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "open", status: "ACTIVE" });
  expect(await stores.tags.findTag(WEB, "latest")).toMatchObject({ digest: A, cause: "push" });
  const key = { ...WEB, rule: "prod-releases", digest: A, tag: "latest" };
  expect(await stores.violations.findViolation(key)).toMatchObject({ state: "open" });
  expect(sent).toMatchObject([{ kind: "violation", channel: "#registry", violation: key }]);
  expect(telemetry.messages("info")).toEqual(["tag judged"]);
  expect(telemetry.measurements).toEqual([{ name: "Violations", value: 1 }]);
});

test("the same event again, four times, writes nothing", async () => {
  const { registry, deliver, inventory } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["latest"] });
  const event = anImageEvent("PUSH", { digest: A, tag: "latest" });
  await deliver(event);
  const writes = inventory.journal.writes.length;
  expect(writes).toBeGreaterThan(0);
  for (let time = 2; time <= 5; time++) expect(await deliver(event)).toEqual([]);
  expect(inventory.journal.writes.length).toBe(writes);
});

test("a repository is listed from its first push on, which a crash may delay but not lose", async () => {
  const { registry, deliver, stores, inventory } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  inventory.journal.before = (write) => {
    if (write.kind === "summary") throw new Error("killed");
  };
  const event = anImageEvent("PUSH", { digest: A, tag: "latest" });
  expect(await deliver(event)).toEqual(["message-1"]);
  inventory.journal.before = undefined;
  expect(await deliver(event)).toEqual([]);
  const summary = await stores.summaries.findSummary(WEB);
  expect(summary).toMatchObject({ images: 1, tags: 1, openViolations: 1, version: 1 });
  expect(summary).not.toHaveProperty("reconciledAt");

  registry.push(WEB, { digest: B, tags: ["1.4.2"] });
  expect(await deliver(anImageEvent("PUSH", { digest: B, tag: "1.4.2" }))).toEqual([]);
  expect(inventory.journal.writes.filter((write) => write.kind === "summary")).toHaveLength(1);
});

test("a push stays within the promised item writes and registry reads", async () => {
  const { registry, deliver, inventory } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  const manifest = aManifest("C");
  registry.putManifest(manifest);
  const cost = async (digest: string, tag: string, violations: number) => {
    registry.push(WEB, { digest, tags: [tag] });
    const before = { writes: inventory.journal.writes.length, reads: registry.reads.length };
    expect(await deliver(anImageEvent("PUSH", { digest, tag }))).toEqual([]);
    const destinations = 1;
    const writes = inventory.journal.writes.length - before.writes;
    expect(writes).toBeLessThanOrEqual(4 + violations + destinations);
    return registry.reads.length - before.reads;
  };
  const rules = 1;
  expect(await cost(A, "latest", 1)).toBeLessThanOrEqual(3 + rules);
  // From now on the rules are known for a minute; a manifest that is new, then one that is known.
  expect(await cost(manifest.digest, "1.4.2", 0)).toBeLessThanOrEqual(3);
  expect(await cost(manifest.digest, "1.4", 0)).toBeLessThanOrEqual(2);
});

test("a batch asks a registry once for its replication rules, and the next batch sees what has changed", async () => {
  const { registry, deliver, stores } = setUp();
  const push = (digest: string, tag: string) => {
    registry.push(WEB, { digest, tags: [tag] });
    return anImageEvent("PUSH", { digest, tag });
  };
  const rulesRead = () => registry.reads.filter((read) => read.startsWith("replicationRules")).length;
  await deliver(push(A, "1.4.2"), push(B, "1.4.3"), push(A, "1.4"));
  expect(rulesRead()).toBe(1);
  expect(await Array.fromAsync(stores.replicas.listDue("2026-11-17T00:00:00.000Z"))).toEqual([]);

  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  await deliver(push(A, "1.5.0"), push(B, "1.5.1"));
  expect(rulesRead()).toBe(2);
  expect(await Array.fromAsync(stores.replicas.listDue("2026-11-17T00:00:00.000Z"))).toHaveLength(2);
});

test("a notice that was not taken is sent when the message comes again", async () => {
  const { registry, deliver, failing, sent, inventory } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  const event = anImageEvent("PUSH", { digest: A, tag: "latest" });
  failing.notices = 1;
  expect(await deliver(event)).toEqual(["message-1"]);
  expect(sent).toEqual([]);
  const writes = inventory.journal.writes.length;

  expect(await deliver(event)).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(inventory.journal.writes.length).toBe(writes);
});

test("a violation that people know of is not told again", async () => {
  const { registry, deliver, stores, offered } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  const event = anImageEvent("PUSH", { digest: A, tag: "latest" });
  await deliver(event);
  const open = await stores.violations.findViolation({
    ...WEB,
    rule: "prod-releases",
    tag: "latest",
  });
  if (!open) throw new Error("no violation");
  await stores.violations.putViolation({ ...open, noticedAt: "2026-11-16T01:55:00.000Z", version: 2 });
  await deliver(event);
  expect(offered).toHaveLength(1);
});

test("a rule that notifies nobody, or a policy without a channel, only records", async () => {
  for (const policy of [
    { ...POLICY, notify: undefined },
    { ...POLICY, tagging: { rules: POLICY.tagging.rules.map((rule) => ({ ...rule, notify: false })) } },
  ]) {
    const { registry, deliver, policyInForce, sent, telemetry } = setUp();
    policyInForce.current = policy;
    registry.push(WEB, { digest: A, tags: ["latest"] });
    await deliver(anImageEvent("PUSH", { digest: A, tag: "latest" }));
    expect(sent).toEqual([]);
    expect(telemetry.messages("debug")).toContain("violation opened");
  }
});

test("when the tag moves on, the violation of the digest it left is closed and the new one told", async () => {
  const { registry, deliver, stores, sent } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  await deliver(anImageEvent("PUSH", { digest: A, tag: "latest" }));
  registry.push(WEB, { digest: B, tags: ["latest"] });
  await deliver(anImageEvent("PUSH", { digest: B, tag: "latest" }));
  const open = await Array.fromAsync(stores.violations.listOpenViolations(WEB));
  expect(open.map((violation) => violation.digest)).toEqual([B]);
  expect(sent).toHaveLength(2);
});

test("deleting closes the image, its tag and its violation, and tells nobody", async () => {
  const { registry, deliver, stores, sent, telemetry } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  await deliver(anImageEvent("PUSH", { digest: A, tag: "latest" }));
  registry.deleteImage(WEB, A);
  expect(await deliver(anImageEvent("DELETE", { digest: A, tag: "latest" }))).toEqual([]);
  expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "closed" });
  expect(await stores.tags.findTag(WEB, "latest")).toMatchObject({ digest: null });
  expect(await Array.fromAsync(stores.violations.listOpenViolations(WEB))).toEqual([]);
  expect(sent).toHaveLength(1);
  expect(telemetry.messages("info").slice(-3).toSorted()).toEqual([
    "image closed",
    "tag closed",
    "violation closed",
  ]);
});

test("a push that the registry replicates expects a copy in each destination, to be looked for in two minutes", async () => {
  const { registry, deliver, stores, inventory } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST, OTHER], prefixes: ["prod/"] }]);
  registry.push(WEB, { digest: A, tags: ["1.4.2"] });
  await deliver(anImageEvent("PUSH", { digest: A, tag: "1.4.2" }));
  const checkAt = "2026-11-16T01:56:35.000Z";
  const expected = { state: "pending", source: HUB, checkAt, checks: 0, version: 1 };
  expect(await Array.fromAsync(stores.replicas.listDue(checkAt))).toMatchObject([
    { ...expected, destination: WEST },
    { ...expected, destination: OTHER },
  ]);
  expect(inventory.journal.writes.filter((write) => write.kind === "replica")).toHaveLength(2);
});

test("a crash between two expected copies is made good when the message comes again", async () => {
  const { registry, deliver, stores, inventory } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST, OTHER], prefixes: [] }]);
  registry.push(WEB, { digest: A, tags: ["1.4.2"] });
  inventory.journal.before = (write) => {
    if (write.kind === "replica" && write.key.startsWith(OTHER.account)) throw new Error("killed");
  };
  const event = anImageEvent("PUSH", { digest: A, tag: "1.4.2" });
  expect(await deliver(event)).toEqual(["message-1"]);
  inventory.journal.before = undefined;
  expect(await deliver(event)).toEqual([]);
  expect(await Array.fromAsync(stores.replicas.listDue("2026-11-17T00:00:00.000Z"))).toHaveLength(2);
});

test("a tag rolled back to an image that was copied before is expected to be copied again", async () => {
  const { registry, deliver, stores, clock } = setUp();
  registry.setReplicationRules(HUB, [{ destinations: [WEST], prefixes: [] }]);
  const key = { destination: WEST, repository: "prod/web", digest: A, tag: "stable" };
  for (const digest of [A, B, A]) {
    registry.push(WEB, { digest, tags: ["stable"] });
    await deliver(anImageEvent("PUSH", { digest, tag: "stable" }));
    const copy = await stores.replicas.findReplica({ ...key, digest });
    if (!copy) throw new Error("not expected");
    expect(copy.state).toBe("pending");
    const arrivedAt = clock.now.toISOString();
    await stores.replicas.putReplica({ ...copy, state: "arrived", arrivedAt, version: copy.version + 1 });
    clock.now = new Date(clock.now.getTime() + 60_000);
  }
});

test("what was pulled through is recorded as such, by whatever names it", async () => {
  for (const named of [{ digest: A }, { tag: "3.17" }, { digest: A, tag: "3.17" }]) {
    const { registry, deliver, stores, jobs } = setUp();
    registry.push(WEB, { digest: A, tags: ["3.17"] });
    expect(await deliver(aPullThrough({ repository: WEB.repository, ...named }))).toEqual([]);
    expect(await stores.images.findImage(WEB, A)).toMatchObject({ state: "open", cause: "pull-through" });
    if ("tag" in named)
      expect(await stores.tags.findTag(WEB, "3.17")).toMatchObject({ cause: "pull-through" });
    expect(jobs).toEqual([]);
  }
});

test("what was pulled through without a name has its repository compared; an attempt that failed has not", async () => {
  const { registry, deliver, jobs, inventory } = setUp();
  const id = "85fc3613-e913-7fc4-a80c-a3753e4aa9af";
  expect(await deliver(aPullThrough({ repository: WEB.repository, id }))).toEqual([]);
  expect(jobs).toEqual([{ kind: "repository", ...WEB, run: id }]);
  expect(await deliver(aPullThrough({ repository: WEB.repository, status: "FAILED" }))).toEqual([]);
  expect(jobs).toHaveLength(1);
  expect(inventory.journal.writes).toEqual([]);
  expect(registry.reads).toEqual([]);
});

test("the manifest is not read without the pull-time exclusion, and that is said", async () => {
  const { registry, deliver, stores, telemetry } = setUp();
  registry.excluded = false;
  registry.push(WEB, { digest: A, tags: ["1.4.2"] });
  await deliver(anImageEvent("PUSH", { digest: A, tag: "1.4.2" }));
  expect(await stores.images.findImage(WEB, A)).toMatchObject({ manifest: "exclusion-missing" });
  expect(telemetry.messages("warn")).toEqual(["manifest not read: the pull-time exclusion is missing"]);
});

test.each([
  ["no event", "{}"],
  ["another source", { ...anImageEvent("PUSH"), source: "aws.ec2" }],
  ["a path as repository", anImageEvent("PUSH", { repository: "../etc" })],
  ["a short digest", anImageEvent("PUSH", { digest: "sha256:12" })],
  ["a registry that is not declared", anImageEvent("PUSH", { registry: { ...HUB, region: "eu-west-3" } })],
])("%s goes back alone and nothing is read or written", async (_, body) => {
  const { registry, deliver, inventory } = setUp();
  expect(await deliver(body)).toEqual(["message-1"]);
  expect(inventory.journal.writes).toEqual([]);
  expect(registry.reads).toEqual([]);
});

test("an unreachable registry hands the message back and nothing is written", async () => {
  const { registry, deliver, inventory, telemetry } = setUp();
  registry.push(WEB, { digest: A, tags: ["latest"] });
  registry.unavailable = true;
  expect(await deliver(anImageEvent("PUSH", { digest: A, tag: "latest" }))).toEqual(["message-1"]);
  expect(inventory.journal.writes).toEqual([]);
  expect(telemetry.messages("error")).toEqual(["message failed"]);
});

test("ten pushes of one batch, one of them malformed, are recorded together", async () => {
  const { registry, deliver, stores } = setUp();
  const tags = Array.from({ length: 10 }, (_, i) => `1.0.${i}`);
  for (const tag of tags) registry.push(WEB, { digest: aDigest(tag), tags: [tag] });
  const events = tags.map((tag) => anImageEvent("PUSH", { digest: aDigest(tag), tag }));
  expect(await deliver(...events.slice(0, 4), "nonsense", ...events.slice(4))).toEqual(["message-5"]);
  expect(await Array.fromAsync(stores.images.listImages(WEB))).toHaveLength(10);
});
