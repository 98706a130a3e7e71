import { USAGE_KINDS } from "@tallyman/domain/usage/evidence";
import { understandItems } from "@tallyman/domain/usage/understand-items";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  historyLimitOf,
  type Revision,
  revisionOf,
  withinHistory,
} from "../docs/kubernetes/reporter/history.mts";
import { isImageName, parseImageId } from "../docs/kubernetes/reporter/images.mts";
import type { Kind } from "../docs/kubernetes/reporter/resources.mts";
import { type Owners, usesOf } from "../docs/kubernetes/reporter/uses.mts";
import { aDigest } from "./builders/digest.ts";
import {
  aCronJob,
  aDeployment,
  aPod,
  aReplicaSet,
  aWorkload,
  ownedBy,
  uidOf,
} from "./support/kubernetes/objects.ts";

const WEB = "111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web";
const A = aDigest("a");
const B = aDigest("b");
const NOBODY: Owners = new Map();
const one = { containers: [{ image: `${WEB}:1` }] };

describe("what a template would start counts as use", () => {
  test.each<[Kind, object, string, string]>([
    ["Deployment", aDeployment({ name: "x" }, one), "template", "deployment/shop/x"],
    ["Deployment", aDeployment({ name: "idle" }, one, { replicas: 0 }), "template", "deployment/shop/idle"],
    ["StatefulSet", aWorkload("StatefulSet", { name: "x" }, one), "template", "statefulset/shop/x"],
    ["DaemonSet", aWorkload("DaemonSet", { name: "x" }, one), "template", "daemonset/shop/x"],
    ["Job", aWorkload("Job", { name: "x" }, one), "template", "job/shop/x"],
    ["ReplicaSet", aReplicaSet({ name: "x" }, one), "template", "replicaset/shop/x"],
    ["CronJob", aCronJob({ name: "x" }, one), "scheduled", "cronjob/shop/x"],
  ])("of a %s", (kind, object, as, service) => {
    expect(usesOf(kind, object, NOBODY).uses).toEqual([{ image: `${WEB}:1`, kind: as, service }]);
  });
});

describe("a pod", () => {
  const digestOf = (imageID: string, image = `${WEB}:1`) =>
    usesOf("Pod", aPod({ name: "x" }, { containers: [{ image, imageID }] }), NOBODY).uses.map(
      ({ image: name, digest }) => (digest === undefined ? [name] : [name, digest]),
    );

  test.each<[string, string, string | undefined, readonly (readonly string[])[]]>([
    ["containerd's", `${WEB}@${A}`, undefined, [[`${WEB}:1`, A]]],
    ["Docker's", `docker-pullable://${WEB}@${A}`, undefined, [[`${WEB}:1`, A]]],
    ["of an image that is pinned", `${WEB}@${B}`, `${WEB}@${A}`, [[`${WEB}@${A}`, B]]],
    ["of a host with a port", `localhost:5000/a@${A}`, "localhost:5000/a", [["localhost:5000/a", A]]],
    ["not there yet", "", undefined, [[`${WEB}:1`]]],
    ["a configuration's, which no registry knows", A, undefined, [[`${WEB}:1`]]],
    ["Docker's of a configuration", `docker://${A}`, undefined, [[`${WEB}:1`]]],
    [
      "of another repository, which may not have that digest here",
      `other.example/web@${A}`,
      undefined,
      [[`${WEB}:1`], [`other.example/web@${A}`]],
    ],
  ])("whose imageID is %s", (_, imageID, image, expected) => {
    expect(digestOf(imageID, image)).toEqual(expected);
  });

  test("uses the images of init, ephemeral and other containers, and of volumes", () => {
    const parts = {
      init: [{ image: "init:1", imageID: `init@${A}` }],
      containers: [{ image: "main:1" }, { image: "side:1", imageID: `side@${B}` }],
      ephemeral: [{ image: "debug:1" }],
      volumes: [
        { name: "model", image: { reference: "models:1", pullPolicy: "Always" } },
        { name: "tmp", emptyDir: {} },
      ],
    };
    const { uses } = usesOf("Pod", aPod({ name: "x" }, parts), NOBODY);
    expect(uses.map(({ image, digest }) => [image, digest])).toEqual([
      ["init:1", A],
      ["main:1", undefined],
      ["side:1", B],
      ["debug:1", undefined],
      ["models:1", undefined],
    ]);
  });

  test.each([
    ["Running", "running"],
    ["Pending", "running"],
    ["Unknown", "running"],
    ["", "running"],
    ["Succeeded", "stopped"],
    ["Failed", "stopped"],
  ])("in phase %s is %s", (phase, kind) => {
    expect(usesOf("Pod", aPod({ name: "x" }, one, { phase }), NOBODY).uses).toMatchObject([{ kind }]);
  });

  test("that has ended says when its last container did; without, nothing says that it did", () => {
    const finishedAt = "2026-11-22T04:05:06Z";
    const ended = { phase: "Succeeded", finishedAt };
    expect(usesOf("Pod", aPod({ name: "x" }, one, ended), NOBODY).uses).toMatchObject([
      { seenAt: finishedAt },
    ]);
    const evicted = aPod({ name: "x" }, one, { phase: "Failed" });
    expect(usesOf("Pod", evicted, NOBODY).uses[0]).not.toHaveProperty("seenAt");
    expect(usesOf("Pod", aPod({ name: "x" }, one, { finishedAt }), NOBODY).uses[0]).not.toHaveProperty(
      "seenAt",
    );
  });

  test("that has ended ended with the last of all its containers", () => {
    const at = (finishedAt: string) => ({ state: { terminated: { finishedAt } } });
    const containerStatuses = [
      at("2026-11-22T02:00:00Z"),
      at("2026-11-22T03:00:00Z"),
      { state: { waiting: {} } },
    ];
    const initContainerStatuses = [at("2026-11-22T01:00:00Z")];
    const pod = aPod({ name: "x" }, one);
    const status = { phase: "Failed", containerStatuses, initContainerStatuses };
    expect(usesOf("Pod", { ...pod, status }, NOBODY).uses).toMatchObject([
      { seenAt: "2026-11-22T03:00:00Z" },
    ]);
  });

  test("is called by what made it, as far as that is known", () => {
    const owners = new Map([[uidOf("ReplicaSet", "web-1"), "deployment/shop/web"]]);
    const called = (owner?: ReturnType<typeof ownedBy>) =>
      usesOf("Pod", aPod({ name: "x", ...(owner && { owner }) }, one), owners).uses[0]?.service;
    expect(called(ownedBy("ReplicaSet", "web-1"))).toBe("deployment/shop/web");
    expect(called(ownedBy("ReplicaSet", "new-1"))).toBe("replicaset/shop/new-1");
    expect(called(ownedBy("Rollout", "web"))).toBe("rollout/shop/web");
    expect(called()).toBe("pod/shop/x");
  });

  test("with names at their longest has a service that a report takes, and no other has", () => {
    const called = (end: string) => {
      const named = { namespace: "n".repeat(63), name: `${"x".repeat(252)}${end}` };
      return usesOf("Pod", aPod(named, one), NOBODY).uses[0]?.service ?? "";
    };
    expect(called("a")).toHaveLength(256);
    expect(called("a")).not.toBe(called("b"));
  });

  test.each<[string, object]>([
    ["no spec", {}],
    ["no containers", { spec: {} }],
    ["containers that are no list", { spec: { containers: {} } }],
    ["statuses that are no list", { spec: { containers: [] }, status: { containerStatuses: {} } }],
  ])("with %s is none, and its name is said", (_, rest) => {
    const object = { metadata: { name: "x", namespace: "shop" }, ...rest };
    expect(() => usesOf("Pod", object, NOBODY)).toThrow(/^pod\/shop\/x is no Pod/);
  });
});

describe("the name of an image", () => {
  test.each([
    ["nginx", true],
    ["nginx:1.27", true],
    ["library/nginx", true],
    [`${WEB}:1.0.0`, true],
    [`${WEB}@${A}`, true],
    [`${WEB}:1@${A}`, true],
    ["localhost:5000/a/b:x", true],
    ["Registry.example.com/a", true],
    ["a__b/c-d.e--f", true],
    ["auto", true],
    ["", false],
    ["Nginx", false],
    [`${WEB}/Upper:1`, false],
    ["${IMAGE}", false],
    ["a//b", false],
    ["a/", false],
    ["/a", false],
    ["a:", false],
    ["a b", false],
    ["a:-x", false],
    [`a@${A}@${B}`, false],
    ["a@sha256:short", false],
    ["https://registry.example.com/a", false],
    [A, false],
  ])("%s: %s", (name, expected) => {
    expect(isImageName(name)).toBe(expected);
  });

  test("is no longer than any registry has", () => {
    expect([1022, 1023].map((n) => isImageName(`a/${"b".repeat(n)}`))).toEqual([true, false]);
  });

  test("that the reporter lets through is one that the API takes, unless it looks like ECR's", () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9][a-z0-9._${} -]{0,5}$/);
    const repository = fc.array(fc.oneof(segment, fc.constantFrom("web", "sha256", "localhost:5000", "")), {
      minLength: 1,
      maxLength: 3,
    });
    const tag = fc.oneof(fc.constant(""), fc.stringMatching(/^:[\w.@:-]{0,5}$/));
    const digest = fc.constantFrom("", "", `@${A}`, "@sha256:1");
    const name = fc.tuple(repository, tag, digest).map(([path, ...rest]) => path.join("/") + rest.join(""));
    let through = 0;
    const takes = fc.property(name, (image) => {
      if (!isImageName(image)) return;
      through++;
      const item = { image, kind: USAGE_KINDS[0], account: "111122223333", service: "x" };
      expect({ image, ...understandItems([item]).unreadable }).toMatchObject({ image, count: 0 });
    });
    void fc.assert(takes, { numRuns: 10_000 });
    expect(through).toBeGreaterThan(300);
  });

  test("is read out of an imageID only with the digest of a manifest", () => {
    expect(parseImageId(`docker-pullable://${WEB}@${A}`)).toEqual({ repository: WEB, digest: A });
    for (const text of ["", A, `docker://${A}`, `${WEB}:1`, `${WEB}@sha256:123`, `Bad Name@${A}`, `a@b@${A}`])
      expect([text, parseImageId(text)]).toEqual([text, undefined]);
  });
});

describe("the ReplicaSets of a Deployment", () => {
  const of = (revision: number | undefined, more: Partial<Revision<string>> = {}): Revision<string> => ({
    deployment: "web",
    ...(revision !== undefined && { revision }),
    isInUse: false,
    of: `${revision}`,
    ...more,
  });
  const kept = (limit: number, revisions: readonly Revision<string>[]) =>
    withinHistory(revisions, new Map([["web", limit]])).toSorted();

  test.each<[string, number, readonly Revision<string>[], readonly string[]]>([
    [
      "as many old ones as the limit says, the newest first",
      2,
      [of(1), of(2), of(3), of(4)],
      ["2", "3", "4"],
    ],
    ["the current one alone", 0, [of(1), of(2)], ["2"]],
    [
      "old ones that still have pods, beyond the limit",
      1,
      [of(1, { isInUse: true }), of(2), of(3), of(4)],
      ["1", "3", "4"],
    ],
    ["all of fewer", 10, [of(1), of(2)], ["1", "2"]],
    ["one whose revision is not known", 0, [of(undefined), of(1), of(2)], ["2", "undefined"]],
    ["revisions as numbers, not as text", 1, [of(9), of(10), of(11)], ["10", "11"]],
    [
      "those of a Deployment that is not known",
      0,
      [of(1, { deployment: "new" }), of(2, { deployment: "new" })],
      ["1", "2"],
    ],
  ])("count: %s", (_, limit, revisions, expected) => {
    expect(kept(limit, revisions)).toEqual(expected);
    expect(kept(limit, revisions.toReversed())).toEqual(expected);
  });

  test("that nobody's Deployment controls all count", () => {
    const { deployment: _, ...bare } = of(1);
    expect(kept(0, [bare, { ...bare, of: "x" }])).toEqual(["1", "x"]);
  });

  test.each<[string, object, object]>([
    ["without pods", { spec: { replicas: 0 }, status: { replicas: 0 } }, { isInUse: false }],
    ["that is to have pods", { spec: { replicas: 1 }, status: { replicas: 0 } }, { isInUse: true }],
    ["that still has pods", { spec: { replicas: 0 }, status: { replicas: 2 } }, { isInUse: true }],
    ["that does not say, and so is to have one", {}, { isInUse: true }],
  ])("%s", (_, replicaSet, expected) => {
    const { metadata } = aReplicaSet({ name: "web-1", owner: ownedBy("Deployment", "web") }, one, {
      revision: 12,
    });
    const revision = revisionOf({ metadata, ...replicaSet }, "it");
    expect(revision).toEqual({ deployment: uidOf("Deployment", "web"), revision: 12, of: "it", ...expected });
  });

  test("are not those of another controller, and have no number where none is written", () => {
    const object = aReplicaSet({ name: "web-1", owner: ownedBy("Rollout", "web") }, one);
    expect(revisionOf(object, "it")).toEqual({ isInUse: false, of: "it" });
  });

  test("are ten old ones where the Deployment does not say", () => {
    expect(historyLimitOf({ spec: {} })).toBe(10);
    expect(historyLimitOf({ spec: { revisionHistoryLimit: 0 } })).toBe(0);
  });
});
