import type { AwsCredentialIdentityProvider } from "@smithy/types";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { AssumedRole } from "./role-credentials.ts";

/** The client for an account and Region: with the role's credentials in that account. */
export type ClientsAt<Client> = (at: Registry) => Client;

/**
 * `adaptive`: a client that was throttled sends more slowly from then on, and faster again as long as nothing is refused.
 * For whoever asks a lot and waits for nobody; `standard`: each call is on its own, with pauses between its attempts.
 */
export type Retries = "standard" | "adaptive";

/** What every client of the SDK takes. */
export type ClientSettings = {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly maxAttempts: number;
  readonly retryMode: Retries;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
  readonly cacheMiddleware: true;
};

/** Milliseconds for one attempt: five of them end before the shortest function that makes them would be stopped. */
const ANSWER_WITHIN = 10_000;
const ATTEMPTS = 5;

/**
 * One client per account and Region, made at its first use and kept. A call that is not answered in time is made again, then
 * fails as any other: what hangs is what cannot be asked, and is said so.
 */
export function clientsAt<Client extends { destroy(): void }>(
  options: ClientsOptions,
  open: (settings: ClientSettings) => Client,
): ClientsAt<Client> {
  const { keep = Number.POSITIVE_INFINITY } = options;
  const clients = new Map<string, Client>();
  return (at) => {
    const name = registryName(at);
    const client = clients.get(name) ?? open(settingsAt(at, options));
    // In the order of their use: the first was not asked for longest.
    clients.delete(name);
    clients.set(name, client);
    for (const [oldest, one] of clients) {
      if (clients.size <= keep) break;
      clients.delete(oldest);
      one.destroy();
    }
    return client;
  };
}

export type ClientsOptions = {
  readonly role: AssumedRole;
  readonly retryMode: Retries;
  /** Milliseconds for one attempt, ten seconds unless told, and how many attempts are made, five unless told. */
  readonly answerWithin?: number;
  readonly attempts?: number;
  /** How many are kept open (all, unless told): more than are asked at once, or one is closed under a call. */
  readonly keep?: number;
};

function settingsAt(
  { account, region }: Registry,
  { role, retryMode, answerWithin = ANSWER_WITHIN, attempts = ATTEMPTS }: ClientsOptions,
): ClientSettings {
  const within = { connectionTimeout: answerWithin, requestTimeout: answerWithin };
  return {
    region,
    credentials: role(account),
    maxAttempts: attempts,
    retryMode,
    requestHandler: { ...within, throwOnRequestTimeout: true },
    // Nothing of ours changes what the SDK does with a call, so it need not put it together for each.
    cacheMiddleware: true,
  };
}
