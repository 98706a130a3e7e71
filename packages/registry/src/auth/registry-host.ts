import type { Registry } from "@tallyman/domain/registry/registry";

/** Suffixes of all partitions, as AWS's own credential helper knows them, and ours. */
const SUFFIXES = [
  "localhost",
  "amazonaws\\.(?:com(?:\\.cn)?|eu)",
  "on\\.(?:aws|amazonwebservices\\.com\\.cn)",
  "sc2s\\.sgov\\.gov",
  "c2s\\.ic\\.gov",
  "cloud\\.adc-e\\.uk",
  "csp\\.hci\\.ic\\.gov",
].join("|");
const HOST = new RegExp(`^(\\d{12})\\.dkr[.-]ecr(?:-fips)?\\.([a-z0-9-]+)\\.(?:${SUFFIXES})(?::\\d+)?$`, "i");

/** The registry that a Host header names, as `<account>.dkr.ecr.<region>.localhost:<port>` or with an AWS suffix. */
export function registryOfHost(host: string | undefined): Registry | undefined {
  const [, account, region] = HOST.exec(host ?? "") ?? [];
  return account === undefined || region === undefined
    ? undefined
    : { account, region: region.toLowerCase() };
}
