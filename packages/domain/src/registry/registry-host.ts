import { AccountId, Region, type Registry } from "./registry.ts";

/** AWS's partitions, as ARNs write them. `local`: an embedded registry, which is of no partition. */
export const PARTITIONS = [
  "aws",
  "aws-cn",
  "aws-us-gov",
  "aws-iso",
  "aws-iso-b",
  "aws-iso-e",
  "aws-iso-f",
  "aws-eusc",
] as const;
export type Partition = (typeof PARTITIONS)[number];

/** What the host name of a private registry says. */
export type RegistryHost = {
  readonly registry: Registry;
  readonly partition: Partition | "local";
  readonly fips: boolean;
  readonly dualStack: boolean;
};

/**
 * Host names that follow `<account>.dkr.ecr[-fips].<region>.`, and `.dkr-ecr[-fips].` of the dual-stack ones: those of AWS's
 * credential helper (amazon-ecr-credential-helper, 2026-07), which takes either separator before any suffix. The partition
 * follows from the suffix, and where two share one, from the Region.
 */
const SUFFIXES: Readonly<Record<string, Partition>> = {
  "amazonaws.com": "aws",
  "on.aws": "aws",
  "amazonaws.com.cn": "aws-cn",
  "on.amazonwebservices.com.cn": "aws-cn",
  "c2s.ic.gov": "aws-iso",
  "sc2s.sgov.gov": "aws-iso-b",
  "cloud.adc-e.uk": "aws-iso-e",
  "csp.hci.ic.gov": "aws-iso-f",
  "amazonaws.eu": "aws-eusc",
};

const HOST =
  /^(?<account>\d{12})\.dkr[.-]ecr(?<fips>-fips)?\.(?<region>[a-z0-9-]{1,64})\.(?<suffix>[a-z0-9.-]{1,64})(?<port>:\d{1,5})?$/;

/**
 * Reads the host of a private registry as image names write it, or undefined where it is none. A port is right only behind
 * `localhost`, as the embedded registry has it, and 443, which is what goes without saying.
 */
export function parseRegistryHost(text: string): RegistryHost | undefined {
  const { account, fips, region, suffix = "", port } = HOST.exec(text.toLowerCase())?.groups ?? {};
  const registry = registryOf(account, region);
  const partition = registry && partitionOf(suffix, registry.region, port);
  if (registry === undefined || partition === undefined) return undefined;
  return { registry, partition, fips: fips !== undefined, dualStack: suffix.startsWith("on.") };
}

function registryOf(account: string | undefined, region: string | undefined): Registry | undefined {
  const parsed = { account: AccountId.safeParse(account), region: Region.safeParse(region) };
  if (!parsed.account.success || !parsed.region.success) return undefined;
  return { account: parsed.account.data, region: parsed.region.data };
}

function partitionOf(suffix: string, region: string, port?: string): RegistryHost["partition"] | undefined {
  if (suffix === "localhost") return "local";
  if (port !== undefined && port !== ":443") return undefined;
  if (!Object.hasOwn(SUFFIXES, suffix)) return undefined;
  return SUFFIXES[suffix] === "aws" && region.startsWith("us-gov-") ? "aws-us-gov" : SUFFIXES[suffix];
}
