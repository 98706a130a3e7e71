import { ECRClient } from "@aws-sdk/client-ecr";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { AssumedRole } from "../sts/role-credentials.ts";

/** The client for a registry: its Region, with the role's credentials in its account. */
export type EcrClients = (registry: Registry) => ECRClient;

/** One client per registry, made at its first use and kept. */
export function ecrClients(role: AssumedRole): EcrClients {
  const clients = new Map<string, ECRClient>();
  return (registry) => {
    const name = registryName(registry);
    const client =
      clients.get(name) ??
      new ECRClient({
        region: registry.region,
        credentials: role(registry.account),
        maxAttempts: 5,
        // Nothing of ours changes what the SDK does with a call, so it need not put it together for each.
        cacheMiddleware: true,
      });
    clients.set(name, client);
    return client;
  };
}
