import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleConfig } from "./bundle-config.ts";
import { targetsOf } from "./declared.ts";
import { normalise, type Snapshot } from "./normalise.ts";
import { ensurePlatform } from "./platform.ts";
import { printJson } from "./print.ts";
import type { Registered } from "./resource.ts";
import { serveRpc } from "./rpc-server.ts";
import { runChild } from "./run-child.ts";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export type SynthOptions = {
  /** `production` unless told: that is what the snapshots show. */
  readonly stage?: string;
  /** Every logical name changed, and one rule more. */
  readonly variant?: boolean;
  /** The folder whose tallyman.registries.yaml is deployed; the repository's own unless told. */
  readonly declaredIn?: string;
};

type Both<T> = { readonly hub: T; readonly member: T };
export type Synthesized = {
  readonly snapshots: Both<Snapshot>;
  /** What stands behind them, with what no snapshot shows: the options. */
  readonly registered: Both<readonly Registered[]>;
};

/**
 * Synthesizes both stacks from the real `sst.config.ts` and the real SST components, without AWS. About 3 s, the first
 * time after a clone longer (`ensurePlatform`). Throws what the program threw.
 */
export async function synthesize(options: SynthOptions = {}): Promise<Synthesized> {
  const platform = ensurePlatform(ROOT);
  const folder = await mkdtemp(join(tmpdir(), "tallyman-synth-"));
  const { stage = "production", variant = false, declaredIn = ROOT } = options;
  const targets = await targetsOf(declaredIn, folder);
  const module = await bundleConfig(ROOT, platform);
  const rpc = await serveRpc(ROOT);
  function program(target: "hub" | "member"): Promise<readonly Registered[]> {
    const output = join(folder, `${target}.json`);
    return runChild(
      { root: ROOT, platform, module, target, stage, ...targets[target], output, variant },
      rpc.url,
    );
  }
  try {
    const [hub, member] = await Promise.all([program("hub"), program("member")]);
    const context = { hub: targets.hub.place, bundles: rpc.bundles };
    return {
      registered: { hub, member },
      snapshots: {
        hub: normalise("hub", hub, { ...context, own: targets.hub.place }),
        member: normalise("member", member, { ...context, own: targets.member.place }),
      },
    };
  } finally {
    rpc.close();
    await Promise.all([rm(folder, { recursive: true, force: true }), rm(module, { force: true })]);
  }
}

/** The snapshot as it stands in the file. */
export function printSnapshot(snapshot: Snapshot): string {
  return `${printJson(snapshot)}\n`;
}
