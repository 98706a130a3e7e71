import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { loadPolicyFile } from "@tallyman/cli/policy/load-policy-file";

/** Checks the policy and writes it as the JSON that the stacks upload; returns its size in bytes. */
export async function buildPolicy(source: string, target: string): Promise<number> {
  const json = `${JSON.stringify(await loadPolicyFile(source), null, 2)}\n`;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, json);
  return Buffer.byteLength(json);
}
