import { AccountId } from "@tallyman/domain/registry/registry";
import { RepositoryName, type RepositoryRef } from "@tallyman/domain/registry/repository";
import type { EcrAction } from "../auth/permit.ts";
import type { PermissionContext } from "../auth/tag-context.ts";
import { invalidParameter } from "../core/errors.ts";
import type { Call } from "./operation.ts";

type TagPermission = { readonly action: EcrAction; readonly context?: PermissionContext };

/**
 * The repository whose tags an ARN names, once the caller may do it: the ARN alone says whose registry it is. Throws
 * InvalidParameterException for what is no repository of this Region.
 */
export function permittedResource(
  { registry, permits, caller, input }: Call<{ readonly resourceArn: string }>,
  permission: TagPermission,
): RepositoryRef {
  const [, account, name] =
    /^arn:aws:ecr:([a-z0-9-]+:\d{12}):repository\/(.+)$/.exec(input.resourceArn) ?? [];
  const [region, owner] = account?.split(":") ?? [];
  const repository = RepositoryName.safeParse(name);
  if (region !== registry.region || !AccountId.safeParse(owner).success || !repository.success) {
    throw invalidParameter("resourceArn", "Invalid ARN");
  }
  const ref = { account: String(owner), region, repository: repository.data };
  permits.onRepository({ caller, ...permission }, ref);
  return ref;
}
