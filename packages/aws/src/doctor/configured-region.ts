import { STSClient } from "@aws-sdk/client-sts";

/** The Region that the user's AWS configuration names, for a profile or as a whole; undefined: none. */
export async function configuredRegion(profile: string | undefined): Promise<string | undefined> {
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch {
    // "Region is missing": that nobody configured one is the answer.
    return undefined;
  } finally {
    client.destroy();
  }
}
