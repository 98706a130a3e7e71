import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expandUnits } from "@tallyman/domain/registry/expand-units";
import {
  REGISTRIES_FILE,
  RESOLVED_FILE,
  RegistriesFile,
  ResolvedFile,
} from "@tallyman/domain/registry/registries-file";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { ZodMiniType } from "@tallyman/domain/zod";
import { parse } from "yaml";
import * as z from "zod";
import { checkAccounts } from "./limits.ts";

/** AWS accepts 2 to 1224 of these characters; a guessable one protects nothing, hence the longer minimum. */
const ExternalId = z
  .string()
  .regex(/^[\w+=,.@:/-]{16,1224}$/, "needs 16 or more of the characters that IAM allows");

/** What is being deployed, where, and what it must know of the rest. */
export type Deployment = {
  readonly target: "hub" | "member";
  /** SST keeps one state per app name, stage, account and Region: hub and member may share the latter two. */
  readonly appName: string;
  /** The account and Region this deployment stands in. */
  readonly at: Registry;
  readonly hub: Registry;
  readonly registries: readonly Registry[];
  readonly organization: string | undefined;
  readonly externalId: string;
  readonly alarmTopic: string | undefined;
};

/**
 * Reads `tallyman.registries.yaml` in `root`, with what its organisation units were resolved to, and the variables
 * TALLYMAN_TARGET, TALLYMAN_REGISTRY and the external id's. Throws with every problem of a document at once.
 */
export function readDeployment(root: string, env: NodeJS.ProcessEnv): Deployment {
  const file = readYaml(root, REGISTRIES_FILE, RegistriesFile);
  const registries = expandUnits(file, readResolved(root));
  checkAccounts(declaredAccounts(registries), file.organization);
  const target = z.enum(["hub", "member"]).default("hub").parse(env["TALLYMAN_TARGET"]);
  const at = target === "hub" ? file.hub : memberRegistry(registries, env["TALLYMAN_REGISTRY"]);
  const { fromEnvironment } = file.externalId;
  const externalId = ExternalId.safeParse(env[fromEnvironment]);
  if (!externalId.success) {
    throw new Error(
      `Set ${fromEnvironment} to the deployment's external id: ${z.prettifyError(externalId.error)}`,
    );
  }
  return {
    target,
    appName: target === "hub" ? "tallyman" : `tallyman-member-${at.region}`,
    at,
    hub: file.hub,
    registries,
    organization: file.organization,
    externalId: externalId.data,
    alarmTopic: file.alarmTopic,
  };
}

function readResolved(root: string): ResolvedFile | undefined {
  return existsSync(join(root, RESOLVED_FILE)) ? readYaml(root, RESOLVED_FILE, ResolvedFile) : undefined;
}

function readYaml<T>(root: string, name: string, schema: ZodMiniType<T>): T {
  const parsed = schema.safeParse(parse(readFileSync(join(root, name), "utf8")));
  if (!parsed.success) throw new Error(`${name}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function memberRegistry(registries: readonly Registry[], wanted: string | undefined): Registry {
  const found = registries.find((registry) => registryName(registry) === wanted);
  if (found) return found;
  const known =
    registries.slice(0, 20).map(registryName).join(", ") + (registries.length > 20 ? ", ..." : "");
  throw new Error(
    `Set TALLYMAN_REGISTRY to a registry of ${REGISTRIES_FILE} (${known}), not to ${wanted ?? "nothing"}`,
  );
}

/** The accounts of the declared registries, each once, in order of declaration. */
export function declaredAccounts(registries: readonly Registry[]): readonly string[] {
  return [...new Set(registries.map((registry) => registry.account))];
}

/** Roles are global: only the first declared registry of an account carries them. */
export function isFirstOfAccount({ at, registries }: Deployment): boolean {
  const first = registries.find((registry) => registry.account === at.account);
  return first?.region === at.region;
}
