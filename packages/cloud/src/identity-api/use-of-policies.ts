import type { Role } from "../identity/roles.ts";
import type { IamCall } from "./iam-call.ts";

/** Which roles have a managed policy, as what they may do or as what bounds it. */
export function policyUse(
  { identity, account }: Pick<IamCall, "identity" | "account">,
  arn: string,
): { readonly attached: number; readonly boundaries: number; readonly roles: readonly Role[] } {
  const own = identity.roles().filter((role) => role.account === account);
  const attached = own.filter(({ definition }) => definition.managedPolicyArns?.includes(arn));
  const bounded = own.filter(({ definition }) => definition.permissionsBoundary === arn);
  return {
    attached: attached.length,
    boundaries: bounded.length,
    roles: [...new Set([...attached, ...bounded])],
  };
}
