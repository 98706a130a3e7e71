import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { REGISTRIES_FILE } from "@tallyman/domain/registry/registries-file";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { type Deployment, readDeployment } from "../../../stacks/deployment.ts";
import type { Place } from "./aws-state.ts";
import { EXTERNAL_ID } from "./platform.ts";

/** A stack to synthesize: where it stands, and the folder whose registries file says so. */
export type Target = { readonly place: Place; readonly declaredIn: string };
export type Targets = { readonly hub: Target; readonly member: Target };

/**
 * Hub and member as `declaredIn` declares them. The member stands in an account that is not the hub's, so that a snapshot
 * can tell the two apart: where none is declared, it is that of a registry that a file of our own in `scratch` adds.
 */
export async function targetsOf(declaredIn: string, scratch: string): Promise<Targets> {
  const deployment = readDeployment(declaredIn, { TALLYMAN_EXTERNAL_ID: EXTERNAL_ID });
  const { hub, registries } = deployment;
  const member = registries.find(({ account }) => account !== hub.account);
  const atHub = { place: hub, declaredIn };
  if (member) return { hub: atHub, member: { place: member, declaredIn } };
  const another = { ...hub, account: hub.account === ANOTHER ? "444455556666" : ANOTHER };
  return {
    hub: atHub,
    member: { place: another, declaredIn: await declareWith(another, deployment, scratch) },
  };
}

const ANOTHER = "999988887777";

async function declareWith(another: Registry, { hub }: Deployment, scratch: string): Promise<string> {
  const folder = join(scratch, "declared");
  const file = {
    hub: registryName(hub),
    registries: [registryName(hub), registryName(another)],
    externalId: { fromEnvironment: "TALLYMAN_EXTERNAL_ID" },
  };
  await mkdir(folder, { recursive: true });
  // JSON is YAML.
  await writeFile(join(folder, REGISTRIES_FILE), JSON.stringify(file));
  return folder;
}
