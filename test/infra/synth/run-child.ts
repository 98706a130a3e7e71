import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChildInput } from "./child.ts";
import { EXTERNAL_ID } from "./platform.ts";
import type { Registered } from "./resource.ts";

/** Runs the config for one target and returns what it registered; throws with all that the process said. */
export async function runChild(input: ChildInput, rpcUrl: string): Promise<readonly Registered[]> {
  const script = join(input.root, "test", "infra", "synth", "child.ts");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, JSON.stringify(input)],
    { cwd: input.declaredIn, env: environment(input, rpcUrl), stdio: ["ignore", "pipe", "pipe"] },
  );
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`synthesizing ${input.target} failed:\n${Buffer.concat(said)}`);
  return JSON.parse(await readFile(input.output, "utf8"));
}

/** Nothing of the host's: no AWS profile, no Pulumi setting may change a snapshot. */
function environment({ target, place }: ChildInput, rpcUrl: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    SST_SERVER: rpcUrl,
    TALLYMAN_TARGET: target,
    TALLYMAN_REGISTRY: `${place.account}/${place.region}`,
    TALLYMAN_EXTERNAL_ID: EXTERNAL_ID,
  };
}
