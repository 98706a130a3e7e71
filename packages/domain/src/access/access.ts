import * as z from "../zod.ts";
import { Right } from "./right.ts";

const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[\w+=,.@/*-]+$/;

/** The ARN of an IAM user or role, in which `*` stands for any characters but `/` (right-of.ts compares). */
export const PrincipalPattern = z
  .string()
  .check(
    z.regex(PRINCIPAL, "expected an IAM user or role ARN like arn:aws:iam::111122223333:role/platform-*"),
  );

/**
 * The `access` section of the policy: who holds which right. `principal` is the ARN of an IAM user or role, in which
 * `*` stands for any characters but `/`. A role covers all its sessions; the caller's ARN carries a role's name without
 * its path, so the name alone is compared.
 */
export const Access = z.strictObject({
  grants: z
    .array(
      z.strictObject({
        principal: PrincipalPattern,
        right: Right,
      }),
    )
    .check(z.maxLength(200)),
});
export type Access = z.infer<typeof Access>;
