import type { Registry } from "@tallyman/domain/registry/registry";

const HOST = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:localhost|amazonaws\.com|on\.aws)(?::\d+)?$/i;

/** The registry that a Host header names, as `<account>.dkr.ecr.<region>.localhost:<port>` or with an AWS suffix. */
export function registryOfHost(host: string | undefined): Registry | undefined {
  const [, account, region] = HOST.exec(host ?? "") ?? [];
  return account === undefined || region === undefined
    ? undefined
    : { account, region: region.toLowerCase() };
}
