import type { AwsCredentialIdentity } from "@smithy/types";

/** Where AWS is asked, and as whom. `endpoint`: another place than AWS, for every service. */
export type DoctorConnection = {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials: () => Promise<AwsCredentialIdentity>;
};

const ANSWER_WITHIN = 10_000;

/** What every client is made with: a person waits, and a large account is throttled before it is read. */
export function clientConfig({ region, endpoint, credentials }: DoctorConnection) {
  return {
    region,
    credentials,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 6,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: ANSWER_WITHIN, throwOnRequestTimeout: true },
  };
}
