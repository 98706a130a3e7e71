import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDeployment } from "../../../stacks/deployment.ts";
import type { Place } from "./aws-state.ts";
import { bundleConfig } from "./bundle-config.ts";
import { normalise, type Snapshot } from "./normalise.ts";
import { EXTERNAL_ID, ensurePlatform } from "./platform.ts";
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
  const places = placesOf(ROOT);
  const module = await bundleConfig(ROOT, platform);
  const rpc = await serveRpc(ROOT);
  const folder = await mkdtemp(join(tmpdir(), "tallyman-synth-"));
  const { stage = "production", variant = false } = options;
  function program(target: "hub" | "member"): Promise<readonly Registered[]> {
    const output = join(folder, `${target}.json`);
    const input = { root: ROOT, platform, module, target, stage, place: places[target], output, variant };
    return runChild(input, rpc.url);
  }
  try {
    const [hub, member] = await Promise.all([program("hub"), program("member")]);
    const context = { hub: places.hub, bundles: rpc.bundles };
    return {
      registered: { hub, member },
      snapshots: {
        hub: normalise("hub", hub, { ...context, own: places.hub }),
        member: normalise("member", member, { ...context, own: places.member }),
      },
    };
  } finally {
    rpc.close();
    await Promise.all([rm(folder, { recursive: true, force: true }), rm(module, { force: true })]);
  }
}

/** The member is synthesized in an account that is not the hub's, so that a snapshot can tell the two apart. */
function placesOf(root: string): { readonly hub: Place; readonly member: Place } {
  const { hub, registries } = readDeployment(root, { TALLYMAN_EXTERNAL_ID: EXTERNAL_ID });
  const member = registries.find(({ account }) => account !== hub.account);
  if (member) return { hub, member };
  throw new Error(
    "Declare a registry of a second account in tallyman.registries.yaml: the member's snapshot needs one",
  );
}

/** The snapshot as it stands in the file. */
export function printSnapshot(snapshot: Snapshot): string {
  return `${printJson(snapshot)}\n`;
}
