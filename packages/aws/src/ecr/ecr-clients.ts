import { ECRClient } from "@aws-sdk/client-ecr";
import { type ClientsAt, clientsAt, type Retries } from "../sts/clients-at.ts";
import type { AssumedRole } from "../sts/role-credentials.ts";

/** The client for a registry: its Region, with the role's credentials in its account. */
export type EcrClients = ClientsAt<ECRClient>;
export type EcrRetries = Retries;

/** One client per registry. `answerWithin`: milliseconds for one of the five attempts of a call. */
export function ecrClients(
  role: AssumedRole,
  retryMode: EcrRetries = "standard",
  answerWithin?: number,
): EcrClients {
  const options = { role, retryMode, ...(answerWithin !== undefined && { answerWithin }) };
  return clientsAt(options, (settings) => new ECRClient(settings));
}
