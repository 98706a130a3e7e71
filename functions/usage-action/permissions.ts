import { usageStorePermissions } from "@tallyman/aws/dynamodb/usage-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { policySourcePermissions } from "@tallyman/aws/s3/policy-source.permissions";
import { registriesSourcePermissions } from "@tallyman/aws/s3/registries-source.permissions";

export const permissions = mergePermissions(
  usageStorePermissions,
  policySourcePermissions,
  registriesSourcePermissions,
);
