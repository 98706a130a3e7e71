import { ECRClient } from "@aws-sdk/client-ecr";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { AssumedRole } from "../sts/role-credentials.ts";

/** The client for a registry: its Region, with the role's credentials in its account. */
export type EcrClients = (registry: Registry) => ECRClient;

/**
 * `adaptive`: a client that was throttled sends more slowly from then on, and faster again as long as nothing is refused.
 * For whoever asks a lot and waits for nobody; `standard`: each call is on its own, with pauses between its attempts.
 */
export type EcrRetries = "standard" | "adaptive";

/** Milliseconds for one attempt: five of them end before the shortest function that makes them would be stopped. */
const ANSWER_WITHIN = 10_000;

/**
 * One client per registry, made at its first use and kept. A call that is not answered in time is made again, then fails as
 * any other: a registry that hangs is one that cannot be asked, and is said so.
 */
export function ecrClients(
  role: AssumedRole,
  retryMode: EcrRetries = "standard",
  answerWithin = ANSWER_WITHIN,
): EcrClients {
  const clients = new Map<string, ECRClient>();
  return (registry) => {
    const name = registryName(registry);
    const client =
      clients.get(name) ??
      new ECRClient({
        region: registry.region,
        credentials: role(registry.account),
        maxAttempts: 5,
        retryMode,
        requestHandler: {
          connectionTimeout: answerWithin,
          requestTimeout: answerWithin,
          throwOnRequestTimeout: true,
        },
        // Nothing of ours changes what the SDK does with a call, so it need not put it together for each.
        cacheMiddleware: true,
      });
    clients.set(name, client);
    return client;
  };
}
