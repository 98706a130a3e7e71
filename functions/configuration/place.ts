import type { StsLocation } from "@tallyman/aws/sts/assume-role";

/** Where AWS is, for what is reached without an SDK client, with the credentials that the SDK's own clients use. */
export function placeOf(
  config: { readonly AWS_REGION: string; readonly AWS_ENDPOINT_URL?: string | undefined },
  credentials: StsLocation["credentials"],
): StsLocation {
  return {
    region: config.AWS_REGION,
    ...(config.AWS_ENDPOINT_URL !== undefined && { endpoint: config.AWS_ENDPOINT_URL }),
    credentials,
  };
}
