import type { Permission, ResourceKey } from "../permission.ts";

/** For the parameter that the function was given. */
export function secretParameterPermissions(
  on: Extract<ResourceKey, `parameter/${string}`>,
): readonly Permission[] {
  return [{ actions: ["ssm:GetParameter"], on }];
}
