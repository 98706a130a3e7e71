import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ofType, type Snapshots } from "./checks/resources.ts";
import { exportsOf } from "./synth/rpc-server.ts";
import { printSnapshot, ROOT, synthesize } from "./synth/synthesize.ts";

const FUNCTION = "aws:lambda/function:Function";
const synthesized = synthesize();
const variant = synthesize({ variant: true, stage: "dev" });

describe("the committed snapshots", () => {
  test.each(["hub", "member"] as const)("%s.json is what the stacks amount to", async (stack) => {
    const path = join(ROOT, "stacks", "snapshot", `${stack}.json`);
    const committed = readFileSync(path, "utf8");
    expect(committed, `${path} is stale: run \`npm run synth\` and review its diff`).toBe(
      printSnapshot((await synthesized)[stack]),
    );
  });

  test("name bundles that `npm run build` wrote and that export their handler", async () => {
    for (const [name, { bundle, handler }] of ofType((await synthesized).hub, FUNCTION)) {
      const [file, exported] = String(handler).split(".");
      const path = join(ROOT, String(bundle), `${file}.mjs`);
      expect(existsSync(path), `${path} is missing: run \`npm run build\``).toBe(true);
      expect(await exportsOf(path), name).toContain(exported);
    }
  });

  test("carry nothing of SST's own: no key, no resource text", async () => {
    expect(printSnapshot((await synthesized).hub)).not.toMatch(/SST_|resource\.enc/);
  });
});

describe("another stage", () => {
  test("may be deleted with all it holds", async () => {
    const { hub } = await variant;
    const [, table] = ofType(hub, "aws:dynamodb/table:Table")[0] ?? [];
    const [, bucket] = ofType(hub, "aws:s3/bucket:Bucket")[0] ?? [];
    expect(table).toMatchObject({
      deletionProtectionEnabled: false,
      pointInTimeRecovery: { enabled: false },
    });
    expect(bucket).toMatchObject({ forceDestroy: true });
  });
});

describe("a variant", () => {
  const names = (snapshots: Snapshots) =>
    Object.values(snapshots).flatMap(({ resources }) =>
      Object.entries(resources).flatMap(([type, ofType]) =>
        Object.keys(ofType).map((name) => `${type} ${name}`),
      ),
    );

  test("shares no logical name with the product", async () => {
    const original = new Set(names(await synthesized));
    expect(names(await variant).filter((name) => original.has(name))).toEqual([]);
  });

  test("has one rule more", async () => {
    const rules = (snapshots: Snapshots) =>
      ofType(snapshots.hub, "aws:cloudwatch/eventRule:EventRule").length;
    expect(rules(await variant)).toBe(rules(await synthesized) + 1);
  });

  test("refers to its own names only", async () => {
    expect(printSnapshot((await variant).hub)).not.toMatch(/:ImageActionQueue|"Inventory"|table\/Inventory/);
  });
});
