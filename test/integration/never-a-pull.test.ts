import { BatchGetImageCommand, DescribeImagesCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Embedded } from "../support/embedded.ts";
import {
  exclusionAudit,
  exclusionsOf,
  ourManifestReads,
  ourWrites,
  readerOf,
  reconcile,
  removeExclusion,
} from "../support/exclusions.ts";
import { imageOfTag } from "../support/inventory.ts";
import { createRepository, EAST, OTHER, WEST, withEcr } from "../support/registries.ts";
import { type PushedManifest, type Registry, RegistryClient } from "../support/registry-client.ts";

const REPOSITORY = "prod/web";
const PLACES = [EAST, WEST, OTHER];

let product: Embedded;
beforeAll(async () => {
  product = await Embedded.start();
  // The audit trail is read a day at a time: no midnight passes after the hundred days.
  await product.control("POST", "clock", { now: "2027-01-11T00:00:00Z" });
  // A day has passed, so the schedule has fired: with this one, all of it is over.
  await reconcile(product);
  for (const registry of PLACES) await createRepository(product.url, registry, REPOSITORY);
});
afterAll(() => product?.dispose());

/** `lastRecordedPullTime` of every image, by digest; "never" of one that was not pulled. */
async function pullTimes(registry: Registry): Promise<Readonly<Record<string, string>>> {
  const command = new DescribeImagesCommand({ repositoryName: REPOSITORY });
  const { imageDetails = [] } = await withEcr(product.url, registry, (ecr) => ecr.send(command));
  return Object.fromEntries(
    imageDetails.map((it) => [it.imageDigest ?? "", it.lastRecordedPullTime?.toISOString() ?? "never"]),
  );
}

async function allPullTimes(): Promise<readonly Readonly<Record<string, string>>[]> {
  return Promise.all(PLACES.map(pullTimes));
}

async function push(registry: Registry, tag: string, seed: string): Promise<PushedManifest> {
  return (await RegistryClient.login(product.url, registry)).pushImage(
    REPOSITORY,
    tag,
    `${seed} ${registry.region}`,
  );
}

/** As any client pulls. */
async function pull(registry: Registry, reference: string): Promise<void> {
  const client = await RegistryClient.login(product.url, registry);
  expect((await client.request("GET", `/v2/${REPOSITORY}/manifests/${reference}`)).status).toBe(200);
}

function events(drop: number): Promise<unknown> {
  return product.control("POST", "faults", { events: { drop } });
}

async function manifestOf(registry: Registry, tag: string): Promise<unknown> {
  return (await imageOfTag(product, registry, REPOSITORY, tag))["manifest"];
}

describe("with the exclusion that the member stack registers", () => {
  let before: Awaited<ReturnType<typeof allPullTimes>>;

  test("it stands in every registry", async () => {
    for (const registry of PLACES)
      expect(await exclusionsOf(product, registry)).toEqual([readerOf(registry)]);
  });

  test("images pulled 100 days ago keep their pull time through a reconcile that reads every manifest", async () => {
    // No event comes: the reconcile is the first to read these manifests, after the pulls.
    await events(1);
    for (const registry of PLACES) {
      await push(registry, "1.0.0", "pulled");
      await push(registry, "2.0.0", "never pulled");
      await pull(registry, "1.0.0");
    }
    await events(0);
    before = await allPullTimes();
    expect(before.flatMap((times) => Object.values(times)).filter((time) => time !== "never")).toHaveLength(
      3,
    );

    expect(await ourManifestReads(product)).toBe(0);
    await product.control("POST", "clock", { advance: "P100D" });
    await reconcile(product);

    for (const registry of PLACES)
      for (const tag of ["1.0.0", "2.0.0"]) expect(await manifestOf(registry, tag)).toBe("known");
    expect(await ourManifestReads(product)).toBeGreaterThanOrEqual(4);
    expect(await allPullTimes()).toEqual(before);
  });

  test("a retag and a second reconcile move none either", async () => {
    for (const registry of PLACES) {
      const { digest } = await push(registry, "1.0.1", "pulled");
      expect(await imageOfTag(product, registry, REPOSITORY, "1.0.1")).toMatchObject({ digest });
    }
    await reconcile(product);
    expect(await allPullTimes()).toEqual(before);
  });

  test("the same reads by anybody else do", async () => {
    const [east = {}, west = {}] = before;
    await pull(EAST, "1.0.0");
    const command = new BatchGetImageCommand({
      repositoryName: REPOSITORY,
      imageIds: [{ imageTag: "1.0.0" }],
    });
    await withEcr(product.url, WEST, (ecr) => ecr.send(command));
    expect(moved(east, await pullTimes(EAST))).toHaveLength(1);
    expect(moved(west, await pullTimes(WEST))).toHaveLength(1);
  });
});

describe("without the exclusion", () => {
  let reads: number;
  beforeAll(async () => {
    await removeExclusion(product, EAST);
    reads = await ourManifestReads(product);
  });

  test("a push is recorded without its manifest, which nobody reads, and the log says why", async () => {
    await push(EAST, "3.0.0", "unread");
    expect(await imageOfTag(product, EAST, REPOSITORY, "3.0.0")).toMatchObject({
      manifest: "exclusion-missing",
      state: "open",
      size: expect.any(Number),
    });
    expect(await ourManifestReads(product)).toBe(reads);
    // The line is written after the record, and reaches us through a pipe.
    await product.until(
      "the log says why",
      async () => lines(/manifest not read: the pull-time exclusion is missing/).length > 0,
    );
  });

  test("a reconcile while paused reads none, registers nothing and says so", async () => {
    const paused = lines(/pull-time exclusion missing: no manifest is read/).length;
    const times = await pullTimes(EAST);
    await reconcile(product);
    expect(await ourManifestReads(product)).toBe(reads);
    expect(await ourWrites(product)).toEqual({});
    expect(await exclusionsOf(product, EAST)).toEqual([]);
    expect(lines(/pull-time exclusion missing: no manifest is read/)).toHaveLength(paused + 1);
    const registry = `${EAST.account}/${EAST.region}`;
    expect(await exclusionAudit(product)).toEqual([
      ["register-requested", registry, "the registry did not have it"],
      [
        "register-refused",
        registry,
        expect.stringContaining("No registry is written to while Tallyman is paused"),
      ],
    ]);
    expect(await manifestOf(EAST, "3.0.0")).toBe("exclusion-missing");
    expect(await pullTimes(EAST)).toEqual(times);
  });

  test("other registries, which have theirs, are read as before", async () => {
    await push(WEST, "3.0.0", "read elsewhere");
    expect(await manifestOf(WEST, "3.0.0")).toBe("known");
    expect(await ourManifestReads(product)).toBe(reads + 1);
  });

  test("after a resume the reconcile registers it again, reads the manifest, and it is no pull", async () => {
    // That it is missing is believed for a minute.
    await product.control("POST", "clock", { advance: "PT2M" });
    await product.api.post("/brake", { on: false, reason: "the exclusion may come back" });
    const times = await pullTimes(EAST);
    await reconcile(product);

    expect(await exclusionsOf(product, EAST)).toEqual([readerOf(EAST)]);
    expect(await ourWrites(product)).toEqual({
      "ecr:RegisterPullTimeUpdateExclusion": { "tallyman-writer": 1 },
    });
    const steps = (await exclusionAudit(product)).map(([step]) => step);
    expect(steps).toEqual(["register-requested", "register-refused", "register-requested", "registered"]);
    expect(await manifestOf(EAST, "3.0.0")).toBe("known");
    expect(await pullTimes(EAST)).toEqual(times);
  });
});

function moved(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  return Object.entries(after).filter(([digest, time]) => before[digest] !== time);
}

function lines(pattern: RegExp): readonly string[] {
  return product.output.filter((line) => pattern.test(line));
}
