import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Registry, registryName } from "@tallyman/domain/registry/registry";
import { parse } from "yaml";
import * as z from "zod";

const REGISTRIES_FILE = "tallyman.registries.yaml";

const HOW_TO_WRITE_IT = "write a registry as <account>/<region>";
const RegistryText = z
  .string(HOW_TO_WRITE_IT)
  .regex(/^[^/]+\/[^/]+$/, HOW_TO_WRITE_IT)
  .transform((text) => ({ account: text.split("/")[0], region: text.split("/")[1] }))
  .pipe(Registry);

const RegistriesFile = z
  .strictObject({
    hub: RegistryText,
    registries: z.array(RegistryText).min(1),
    organization: z
      .string()
      .regex(/^o-[a-z0-9]{10,32}$/, "not an AWS Organizations id")
      .optional(),
    externalId: z.strictObject({ fromEnvironment: z.string().regex(/^[A-Z][A-Z0-9_]*$/) }),
    alarmTopic: z.string().startsWith("arn:aws:sns:").optional(),
  })
  .superRefine(({ hub, registries }, issues) => {
    const names = registries.map(registryName);
    for (const name of names.filter((name, index) => names.indexOf(name) !== index)) {
      issues.addIssue({ code: "custom", path: ["registries"], message: `${name} stands twice` });
    }
    if (!names.includes(registryName(hub))) {
      issues.addIssue({
        code: "custom",
        path: ["hub"],
        message: `${registryName(hub)} is not among registries`,
      });
    }
  });

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
 * Reads `tallyman.registries.yaml` in `root` and the variables TALLYMAN_TARGET, TALLYMAN_REGISTRY and the external id's.
 * Throws with every problem of the document at once.
 */
export function readDeployment(root: string, env: NodeJS.ProcessEnv): Deployment {
  const file = readRegistriesFile(join(root, REGISTRIES_FILE));
  const target = z.enum(["hub", "member"]).default("hub").parse(env["TALLYMAN_TARGET"]);
  const at = target === "hub" ? file.hub : memberRegistry(file.registries, env["TALLYMAN_REGISTRY"]);
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
    registries: file.registries,
    organization: file.organization,
    externalId: externalId.data,
    alarmTopic: file.alarmTopic,
  };
}

function readRegistriesFile(path: string): z.infer<typeof RegistriesFile> {
  const parsed = RegistriesFile.safeParse(parse(readFileSync(path, "utf8")));
  if (!parsed.success) throw new Error(`${REGISTRIES_FILE}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function memberRegistry(registries: readonly Registry[], wanted: string | undefined): Registry {
  const found = registries.find((registry) => registryName(registry) === wanted);
  if (found) return found;
  const known = registries.map(registryName).join(", ");
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
