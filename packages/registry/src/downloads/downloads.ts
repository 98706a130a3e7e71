import type { Registry } from "@tallyman/domain/registry/registry";

/** What GetDownloadUrlForLayer and a redirect of `/v2` need to make URLs of layers. */
export type Downloads = {
  readonly secret: Uint8Array;
  /** Scheme and host of the URLs. */
  endpoint(registry: Registry): string;
  /** The same server under another name than `host`, by which the client reached the registry. */
  endpointBeside(registry: Registry, host: string | undefined): string;
};

/** This machine has two names for itself; a client that tells hosts apart takes them for two. */
const OTHER_NAME: Readonly<Record<string, string>> = { "127.0.0.1": "localhost", localhost: "127.0.0.1" };

export function createDownloads(secret: Uint8Array, endpoint: (registry: Registry) => string): Downloads {
  return {
    secret,
    endpoint,
    endpointBeside(registry, host) {
      const url = new URL(endpoint(registry));
      const asked = (host ?? "").replace(/:\d+$/, "").toLowerCase();
      if (asked === url.hostname) url.hostname = OTHER_NAME[asked] ?? asked;
      return url.origin;
    },
  };
}
