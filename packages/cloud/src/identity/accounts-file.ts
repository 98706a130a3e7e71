import * as z from "zod";
import { Organization } from "../organizations/organization.ts";

/** A policy document, or the ARN of one of the managed policies in `managed-policies.ts`. */
const Policy = z.union([
  z.string().startsWith("arn:aws:iam::aws:policy/"),
  z.record(z.string(), z.unknown()),
]);

const Principal = z.strictObject({
  name: z.string().regex(/^[\w+=,.@-]{1,64}$/, "a user name has 1 to 64 letters, digits or +=,.@-_"),
  accessKeyId: z
    .string()
    .regex(/^(?!ASIA)\w{3,128}$/, "3 to 128 letters, digits or _, not starting with ASIA"),
  secretAccessKey: z.string().min(1),
  policies: z.array(Policy),
  /** The most that those policies can give. */
  permissionsBoundary: Policy.optional(),
  /** `aws:PrincipalTag/<key>` in conditions. */
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
});

/** The file given by `--accounts`: who may call the embedded cloud, besides the two administrators it always has. */
export const AccountsFile = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        id: z.string().regex(/^\d{12}$/, "an account id has 12 digits"),
        principals: z.array(Principal).min(1),
      }),
    )
    .default([]),
  /** Whose accounts and units `organizations` lists; every principal is in it (`aws:PrincipalOrgID`). */
  organization: Organization.optional(),
});
export type AccountsFile = z.infer<typeof AccountsFile>;
