import type { ClientsOptions } from "@tallyman/aws/sts/clients-at";
import { OTHER, type RunningCloud } from "@tallyman/cloud/testing/running-cloud";
import { onTestFinished, vi } from "vitest";

/** What collectors are opened with to ask an embedded cloud: the administrator of the account that is asked about. */
export function embeddedClients(cloud: RunningCloud): ClientsOptions {
  vi.stubEnv("AWS_ENDPOINT_URL", cloud.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  return {
    role: (account) => async () => {
      const key = account === OTHER.account ? "test2" : "test";
      return {
        accessKeyId: key,
        secretAccessKey: key,
        sessionToken: "",
        expiration: new Date(Date.now() + 3_600_000),
      };
    },
    retryMode: "standard",
  };
}
