import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDeclaredRegistries } from "@tallyman/domain/registry/registry";
import { afterAll, describe, expect, test } from "vitest";
import { readDeployment } from "../../stacks/deployment.ts";
import { LISTED_ACCOUNTS } from "../../stacks/limits.ts";
import { committedSnapshots } from "../support/snapshots.ts";
import { CHECKS } from "./checks/all.ts";
import { ofType, rolesOf, type Snapshots } from "./checks/resources.ts";
import { synthesize } from "./synth/synthesize.ts";

const HUB = "111122223333/us-east-1";
const ENV = { TALLYMAN_EXTERNAL_ID: "an-external-id-of-some-length" };
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function declaring(registries: readonly string[], more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "tallyman-declared-"));
  folders.push(folder);
  const file = { hub: HUB, registries, externalId: { fromEnvironment: "TALLYMAN_EXTERNAL_ID" }, ...more };
  writeFileSync(join(folder, "tallyman.registries.yaml"), JSON.stringify(file));
  return folder;
}

function accounts(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => String(700_000_000_000 + n));
}

function registriesOf(count: number, regions: readonly string[] = ["us-east-1"]): readonly string[] {
  const others = accounts(count - 1).flatMap((account) => regions.map((region) => `${account}/${region}`));
  return [HUB, ...others];
}

/** IAM's quotas, in characters without white space: a role's inline policies together, its trust; EventBridge's, Lambda's, in bytes. */
const QUOTAS = { inline: 10_240, trust: 2_048, bus: 10_240, variables: 4_096 };

function sizesOf({ hub, member }: Snapshots) {
  const size = (value: unknown) => JSON.stringify(value ?? "").length;
  const roles = [hub, member].flatMap(rolesOf);
  const buses = ofType(hub, "aws:cloudwatch/eventBusPolicy:EventBusPolicy");
  const functions = ofType(hub, "aws:lambda/function:Function");
  const largest = (sizes: readonly number[]) => Math.max(0, ...sizes);
  return {
    inline: largest(roles.map(({ grants }) => size({ Version: "2012-10-17", Statement: grants }))),
    trust: largest(roles.map(({ trust }) => size({ Version: "2012-10-17", Statement: trust }))),
    bus: largest(buses.map(([, { policy }]) => size(policy))),
    variables: largest(functions.map(([, { environment }]) => size(environment))),
  };
}

/** With room for Regions of longer names than the tokens in a snapshot. */
function expectToFit(snapshots: Snapshots): void {
  const sizes = sizesOf(snapshots);
  for (const [what, quota] of Object.entries(QUOTAS))
    expect(sizes[what as keyof typeof QUOTAS], what).toBeLessThan(0.95 * quota);
}

/** What the checks say of the committed snapshots, `checks.test.ts` says. */
function expectToBeAsSound(snapshots: Snapshots): void {
  for (const [name, check] of Object.entries(CHECKS))
    expect(check(snapshots), name).toEqual(check(committedSnapshots()));
}

describe("a deployment with", () => {
  test("one registry, the hub's own, is synthesized like any other", async () => {
    const { snapshots } = await synthesize({ declaredIn: declaring([HUB]) });
    expect(snapshots.member).toEqual(committedSnapshots().member);
    expectToBeAsSound(snapshots);
    const roles = rolesOf(snapshots.hub).filter(({ name }) => name === "tallyman-reconcile");
    expect(JSON.stringify(roles)).not.toContain("444455556666");
  });

  test(`${LISTED_ACCOUNTS} listed accounts fits into every policy, and with one more stops and says what to do`, async () => {
    const { snapshots } = await synthesize({ declaredIn: declaring(registriesOf(LISTED_ACCOUNTS)) });
    expectToFit(snapshots);
    const tooMany = declaring(registriesOf(LISTED_ACCOUNTS + 1));
    expect(() => readDeployment(tooMany, ENV)).toThrow(/51 accounts.* Set "organization"/);
  });

  test("200 accounts of an organisation in 17 Regions fits, and all of them are declared", async () => {
    const regions = Array.from({ length: 17 }, (_, n) =>
      `eu-test-${n % 10}`.replace("test", n < 10 ? "west" : "north"),
    );
    const declaredIn = declaring(registriesOf(200, regions), { organization: "o-a1b2c3d4e5" });
    const { snapshots } = await synthesize({ declaredIn });
    expectToFit(snapshots);
    const objects = ofType(snapshots.hub, "aws:s3/bucketObjectv2:BucketObjectv2");
    const content = objects.find(([name]) => name === "Registries")?.[1]["content"];
    expect(parseDeclaredRegistries(JSON.parse(String(content)))).toHaveLength(1 + 199 * 17);
    expectToBeAsSound(snapshots);
  });
});
