import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleConfig } from "./bundle-config.ts";
import type { ChildInput } from "./child.ts";
import { normalise, type Snapshot } from "./normalise.ts";
import { EXTERNAL_ID, ensurePlatform } from "./platform.ts";
import { printJson } from "./print.ts";
import type { Registered } from "./resource.ts";
import { serveRpc } from "./rpc-server.ts";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export type Target = "hub" | "member";
export type SynthOptions = {
  /** `production` unless told: that is what the snapshots show. */
  readonly stage?: string;
  /** Every logical name changed, and one rule more. */
  readonly variant?: boolean;
};

/** The registries of `tallyman.registries.yaml` that stand for the hub's and for any other in the snapshots. */
const HUB = { account: "111122223333", region: "us-east-1" };
const MEMBER = { account: "444455556666", region: "us-east-1" };

/**
 * Synthesizes both stacks from the real `sst.config.ts` and the real SST components, without AWS. About 3 s.
 * Throws what the program threw.
 */
export async function synthesize(options: SynthOptions = {}): Promise<Record<Target, Snapshot>> {
  const platform = ensurePlatform(ROOT);
  const module = await bundleConfig(ROOT, platform);
  const rpc = await serveRpc(ROOT);
  const folder = await mkdtemp(join(tmpdir(), "tallyman-synth-"));
  try {
    const [hub, member] = await Promise.all(
      (["hub", "member"] as const).map(async (target) => {
        const output = join(folder, `${target}.json`);
        const input = { root: ROOT, platform, module, stage: options.stage ?? "production", output };
        const own = target === "hub" ? HUB : MEMBER;
        await runChild({ ...input, place: own, variant: options.variant ?? false }, target, rpc.url);
        const registered: Registered[] = JSON.parse(await readFile(output, "utf8"));
        return normalise(target, registered, { own, hub: HUB, bundles: rpc.bundles });
      }),
    );
    if (!hub || !member) throw new Error("unreachable: two targets, two snapshots");
    return { hub, member };
  } finally {
    rpc.close();
    await Promise.all([rm(folder, { recursive: true, force: true }), rm(module, { force: true })]);
  }
}

async function runChild(input: ChildInput, target: Target, rpcUrl: string): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(ROOT, "test/infra/synth/child.ts"), JSON.stringify(input)],
    {
      cwd: ROOT,
      env: {
        PATH: process.env["PATH"],
        SST_SERVER: rpcUrl,
        TALLYMAN_TARGET: target,
        TALLYMAN_REGISTRY: `${input.place.account}/${input.place.region}`,
        TALLYMAN_EXTERNAL_ID: EXTERNAL_ID,
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`synthesizing ${target} failed:\n${Buffer.concat(said).toString()}`);
}

/** The snapshot as it stands in the file. */
export function printSnapshot(snapshot: Snapshot): string {
  return `${printJson(snapshot)}\n`;
}
