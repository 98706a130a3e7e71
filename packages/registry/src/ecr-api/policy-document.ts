import * as z from "zod";
import { EcrError } from "../core/errors.ts";

const Statement = z.looseObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.union([z.string(), z.array(z.string())]).optional(),
  NotAction: z.union([z.string(), z.array(z.string())]).optional(),
});
const PolicyDocument = z.looseObject({
  Version: z.enum(["2008-10-17", "2012-10-17"]).optional(),
  Statement: z.union([Statement, z.array(Statement)]),
});

/** Refuses what is no resource policy at all. `kind`: `repository` or `registry`. */
export function requirePolicyDocument(text: string, kind: "repository" | "registry"): void {
  const parsed = PolicyDocument.safeParse(parseJson(text));
  if (parsed.success && statementsOf(parsed.data).every(isComplete)) return;
  throw new EcrError(
    "InvalidParameterException",
    `Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid ${kind} policy provided'`,
  );
}

function statementsOf(document: z.infer<typeof PolicyDocument>) {
  return [document.Statement].flat();
}

/** A resource policy says to whom, and what. */
function isComplete(statement: z.infer<typeof Statement>): boolean {
  const who = "Principal" in statement || "NotPrincipal" in statement;
  return who && (statement.Action === undefined) !== (statement.NotAction === undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
