import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Item } from "../support/admin-api.ts";
import { Embedded } from "../support/embedded.ts";
import {
  ecrCalls,
  exclusionAudit,
  exclusionsOf,
  ourWrites,
  readerOf,
  reconcile,
  removeExclusion,
} from "../support/exclusions.ts";
import { imageOfTag } from "../support/inventory.ts";
import {
  createRepository,
  deleteImage,
  EAST,
  EUROPE,
  OTHER,
  REGISTRIES,
  replicate,
} from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import { type Run, runTallyman } from "../support/run-tallyman.ts";

const REGISTER = "ecr:RegisterPullTimeUpdateExclusion";

let product: Embedded;
beforeAll(async () => {
  product = await Embedded.start();
  // The audit trail is read a day at a time: all of this happens in one.
  await product.control("POST", "clock", { now: "2027-01-11T00:00:00Z" });
  // A day has passed, so the schedule has fired: with this one, all of it is over.
  await reconcile(product);
});
afterAll(() => product?.dispose());

function tallyman(...args: readonly string[]): Promise<Run> {
  const env = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  return runTallyman(args, { endpoint: product.url, env });
}

async function brake(): Promise<unknown> {
  return (await product.api.get("/brake")).body;
}

/** Writes of our roles since `before`. */
async function newWrites(before: number): Promise<number> {
  const writes = await ourWrites(product);
  expect(Object.keys(writes).filter((operation) => operation !== REGISTER)).toEqual([]);
  return (writes[REGISTER]?.["tallyman-writer"] ?? 0) - before;
}

async function reasonsOfRefusals(): Promise<readonly string[]> {
  return (await exclusionAudit(product))
    .filter(([step]) => step === "register-refused")
    .map(([, , reason]) => reason);
}

describe("paused, as a first deployment is", () => {
  test("the API and the command say so", async () => {
    expect(await brake()).toMatchObject({ on: true, reason: "a first deployment starts paused", version: 0 });
    const status = await tallyman("status", "--json");
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ status: "ok", brake: { on: true } });
    expect((await tallyman("status")).stdout).toContain("paused: nothing is written to any registry");
  });

  test("pushes, violations, replicas, deletions and a reconcile that has something to write write to no registry", async () => {
    await removeExclusion(product, ...REGISTRIES);
    await replicate(product.url, { source: EAST, destination: EUROPE, prefix: "prod/" });
    for (const registry of [EAST, OTHER]) {
      await createRepository(product.url, registry, "prod/web");
      const client = await RegistryClient.login(product.url, registry);
      for (const tag of ["1.0.0", "latest"])
        await client.pushImage("prod/web", tag, `${tag} ${registry.account}`);
      await imageOfTag(product, registry, "prod/web", "latest");
    }
    await imageOfTag(product, EUROPE, "prod/web", "1.0.0");
    await deleteImage(product.url, EAST, { repositoryName: "prod/web", imageIds: [{ imageTag: "latest" }] });
    await reconcile(product);

    expect(await ourWrites(product)).toEqual({});
    expect(await ecrCalls(product)).toMatchObject({
      "ecr:DescribeImages": { "tallyman-reader": expect.any(Number) },
    });
    for (const registry of REGISTRIES) expect(await exclusionsOf(product, registry)).toEqual([]);
    const reason = "No registry is written to while Tallyman is paused: a first deployment starts paused";
    expect(await reasonsOfRefusals()).toEqual(REGISTRIES.map(() => reason));
  });
});

describe("resumed", () => {
  test("by the command, which prints what now holds", async () => {
    const run = await tallyman("resume", "looked", "at", "it", "--json");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    const stands = {
      on: false,
      reason: "looked at it",
      by: expect.stringContaining("111122223333"),
      version: 1,
    };
    expect(JSON.parse(run.stdout)).toMatchObject(stands);
    expect(await brake()).toMatchObject(stands);
  });

  test("exactly the writes that were held back happen, each by the writer", async () => {
    await reconcile(product);
    expect(await ourWrites(product)).toEqual({ [REGISTER]: { "tallyman-writer": REGISTRIES.length } });
    for (const registry of REGISTRIES)
      expect(await exclusionsOf(product, registry)).toEqual([readerOf(registry)]);
  });

  test("and nothing more: the next reconcile has nothing left to write", async () => {
    await reconcile(product);
    expect(await newWrites(REGISTRIES.length)).toBe(0);
  });
});

describe("a brake that cannot be read", () => {
  test("counts as on", async () => {
    await removeExclusion(product, EAST);
    const before = REGISTRIES.length;
    // Whatever else the table still answers: the one read before the write fails.
    const fault = { rate: 1, status: 400, code: "AccessDeniedException" };
    await product.control("POST", "faults", { operations: { "dynamodb:GetItem": fault } });
    await product.control("POST", "run/reconcile?wait=0");
    // An hourly run that fails for want of the table may stand before it, and comes back a few times first.
    await product.until("the write was refused", async () => {
      const reasons = await reasonsOfRefusals();
      if (reasons.some((reason) => reason.includes("the brake cannot be read"))) return true;
      await product.control("POST", "clock", { advance: "PT1M" });
      return false;
    });
    expect(await newWrites(before)).toBe(0);
    expect(await exclusionsOf(product, EAST)).toEqual([]);

    const health = await product.api.get("/health");
    expect([health.status, health.body]).toMatchObject([
      503,
      { status: "degraded", table: { readable: false } },
    ]);
    expect(health.body).not.toHaveProperty("brake");
    expect((await tallyman("status", "--json")).code).toBe(1);
    expect((await tallyman("resume", "while it cannot be read")).code).toBe(1);

    await product.control("POST", "faults", {});
    // What the fault held up comes back when its visibility timeout is over.
    await product.control("POST", "clock", { advance: "PT91M" });
    await reconcile(product);
    expect(await newWrites(before)).toBe(1);
  });
});

describe("paused again", () => {
  test("by the command, and at once", async () => {
    const run = await tallyman("pause", "unexpected deletions", "--json");
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(run.stdout)).toMatchObject({ on: true, reason: "unexpected deletions", version: 2 });

    await removeExclusion(product, EAST, OTHER);
    const before = REGISTRIES.length + 1;
    await reconcile(product);
    expect(await newWrites(before)).toBe(0);
    expect((await reasonsOfRefusals()).slice(-2)).toEqual([
      expect.stringContaining("unexpected deletions"),
      expect.stringContaining("unexpected deletions"),
    ]);
  });

  test("each setting is in the audit trail, before and after, with who did it", async () => {
    const settings = (await product.api.list("/audit")).filter((entry: Item) => entry["subject"] === "brake");
    const byVersion = settings.map((entry) => [
      (entry["details"] as Item)["version"],
      entry["action"],
      entry["reason"],
    ]);
    // Newest first.
    expect(byVersion).toEqual([
      [2, "brake.set", "unexpected deletions"],
      [2, "brake.set-requested", "unexpected deletions"],
      [1, "brake.set", "looked at it"],
      [1, "brake.set-requested", "looked at it"],
    ]);
    for (const entry of settings) expect(entry["actor"]).toMatch(/^arn:aws:iam::111122223333:/);
  });

  test.each([
    [["pause"], 2, /missing required argument 'reason'/],
    [["resume"], 2, /missing required argument 'reason'/],
    [["pause", "x", "--harder"], 2, /unknown option/],
    [["pause", " "], 2, /reason/],
  ])("a wrong %j changes nothing", async (args, code, problem) => {
    const before = await brake();
    const run = await tallyman(...args);
    expect([run.code, run.stdout]).toEqual([code, ""]);
    expect(run.stderr).toMatch(problem);
    expect(await brake()).toEqual(before);
  });

  test("a stranger cannot resume", async () => {
    const env = { AWS_ACCESS_KEY_ID: "test2", AWS_SECRET_ACCESS_KEY: "test2" };
    const run = await runTallyman(["resume", "mine now", "--json"], { endpoint: product.url, env });
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(await brake()).toMatchObject({ on: true, version: 2 });
  });
});
