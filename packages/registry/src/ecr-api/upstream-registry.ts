import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { EcrError, invalidParameter } from "../core/errors.ts";

export const upstreamRegistry = z.enum([
  "ecr",
  "ecr-public",
  "quay",
  "k8s",
  "docker-hub",
  "github-container-registry",
  "azure-container-registry",
  "gitlab-container-registry",
  "chainguard",
]);
type UpstreamRegistry = z.infer<typeof upstreamRegistry>;

/** The host names of each upstream, and what it is opened with. */
const UPSTREAMS: readonly (readonly [UpstreamRegistry, RegExp, "nothing" | "secret" | "role"])[] = [
  ["ecr-public", /^public\.ecr\.aws$/, "nothing"],
  ["quay", /^quay\.io$/, "nothing"],
  ["k8s", /^registry\.k8s\.io$/, "nothing"],
  ["docker-hub", /^registry-1\.docker\.io$/, "secret"],
  ["github-container-registry", /^ghcr\.io$/, "secret"],
  ["azure-container-registry", /^[a-z0-9]+\.azurecr\.io$/, "secret"],
  ["gitlab-container-registry", /^registry\.gitlab\.com$/, "secret"],
  ["chainguard", /^cgr\.dev$/, "secret"],
  ["ecr", /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$/, "role"],
];

type UpstreamInput = {
  readonly upstreamRegistryUrl: string;
  readonly upstreamRegistry?: UpstreamRegistry | undefined;
  readonly credentialArn?: string | undefined;
  readonly customRoleArn?: string | undefined;
};

/**
 * Which upstream a URL is of. Throws UnsupportedUpstreamRegistryException for one that ECR does not know, and
 * InvalidParameterException where the registry, the secret or the role does not go with it.
 */
export function toUpstreamRegistry(input: UpstreamInput, registry: Registry): UpstreamRegistry {
  const host = input.upstreamRegistryUrl.replace(/^https:\/\//, "");
  const [name, , opened] = UPSTREAMS.find(([, pattern]) => pattern.test(host)) ?? [];
  if (name === undefined) {
    throw new EcrError(
      "UnsupportedUpstreamRegistryException",
      `The specified upstream registry isn't supported: '${input.upstreamRegistryUrl}'`,
    );
  }
  if (input.upstreamRegistry !== undefined && input.upstreamRegistry !== name) {
    throw invalidParameter("upstreamRegistry", `must be ${name} for the upstream registry URL`);
  }
  const roleNeeded = opened === "role" && !host.startsWith(`${registry.account}.`);
  requireExactly("credentialArn", input.credentialArn, opened === "secret" ? "needed" : "refused");
  if (opened !== "role" || roleNeeded) {
    requireExactly("customRoleArn", input.customRoleArn, roleNeeded ? "needed" : "refused");
  }
  return name;
}

function requireExactly(member: string, given: string | undefined, wanted: "needed" | "refused"): void {
  if ((given !== undefined) === (wanted === "needed")) return;
  const constraint = wanted === "needed" ? "Member must not be null" : "Member must be null";
  throw invalidParameter(member, `${constraint} for this upstream registry`);
}
