import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ofType, type Snapshots } from "./checks/resources.ts";
import { ensurePlatform } from "./synth/platform.ts";
import type { ResourceOptions } from "./synth/resource.ts";
import { exportsOf } from "./synth/rpc-server.ts";
import { runChild } from "./synth/run-child.ts";
import { printSnapshot, ROOT, synthesize } from "./synth/synthesize.ts";

const FUNCTION = "aws:lambda/function:Function";
const synthesized = synthesize();
const variant = synthesize({ variant: true, stage: "dev" });

describe("the committed snapshots", () => {
  test.each(["hub", "member"] as const)("%s.json is what the stacks amount to", async (stack) => {
    const path = join(ROOT, "stacks", "snapshot", `${stack}.json`);
    const committed = readFileSync(path, "utf8");
    expect(committed, `${path} is stale: run \`npm run synth\` and review its diff`).toBe(
      printSnapshot((await synthesized).snapshots[stack]),
    );
  });

  test("name bundles that `npm run build` wrote and that export their handler", async () => {
    for (const [name, { bundle, handler }] of ofType((await synthesized).snapshots.hub, FUNCTION)) {
      const [file, exported] = String(handler).split(".");
      const path = join(ROOT, String(bundle), `${file}.mjs`);
      expect(existsSync(path), `${path} is missing: run \`npm run build\``).toBe(true);
      expect(await exportsOf(path), name).toContain(exported);
    }
  });

  test("carry nothing of SST's own: no key, no resource text", async () => {
    expect(printSnapshot((await synthesized).snapshots.hub)).not.toMatch(/SST_|resource\.enc/);
  });
});

describe("the production stage", () => {
  async function optionsOf(type: string, name: string): Promise<ResourceOptions> {
    const { hub } = (await synthesized).registered;
    const found = hub.find((resource) => resource.type === type && resource.name === name);
    if (!found) throw new Error(`no ${type} ${name}`);
    return found.options;
  }

  test.each([
    ["aws:dynamodb/table:Table", "Inventory"],
    ["aws:s3/bucket:Bucket", "Archive"],
  ])("keeps %s %s when the app is removed", async (type, name) => {
    expect((await optionsOf(type, name)).retainOnDelete).toBe(true);
  });

  test.each(["SlackToken", "CursorKey"])("never overwrites the secret %s", async (name) => {
    expect((await optionsOf("aws:ssm/parameter:Parameter", name)).ignoreChanges).toContain("value");
  });
});

describe("a program that goes wrong", () => {
  test.each([
    ["throws", `throw new Error("boom");`],
    ["rejects where nobody waits", `Promise.reject(new Error("boom")); return new Promise(() => {});`],
  ])("and %s ends the synthesis with its error", async (_how, body) => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-synth-test-"));
    const module = join(folder, "config.mjs");
    writeFileSync(
      module,
      `export const aws = {}; export const run = (program) => program();
       export const config = { app: () => ({ name: "x" }), run: async () => { ${body} } };`,
    );
    const place = { account: "111122223333", region: "us-east-1" };
    const input = {
      root: ROOT,
      declaredIn: ROOT,
      platform: ensurePlatform(ROOT),
      module,
      place,
      target: "hub",
    } as const;
    const output = join(folder, "out.json");
    await expect(
      runChild({ ...input, stage: "test", variant: false, output }, "http://127.0.0.1:9"),
    ).rejects.toThrow(/synthesizing hub failed:[\s\S]*boom/);
    rmSync(folder, { recursive: true });
  });
});

describe("another stage", () => {
  test("may be deleted with all it holds", async () => {
    const { hub } = (await variant).snapshots;
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
    const original = new Set(names((await synthesized).snapshots));
    expect(names((await variant).snapshots).filter((name) => original.has(name))).toEqual([]);
  });

  test("has one rule more", async () => {
    const rules = (snapshots: Snapshots) =>
      ofType(snapshots.hub, "aws:cloudwatch/eventRule:EventRule").length;
    expect(rules((await variant).snapshots)).toBe(rules((await synthesized).snapshots) + 1);
  });

  test("refers to its own names only", async () => {
    expect(printSnapshot((await variant).snapshots.hub)).not.toMatch(
      /:ImageActionQueue|"Inventory"|table\/Inventory/,
    );
  });
});
