import * as z from "zod";
import { AwsError } from "../http/aws-service.ts";

const known = new Set([
  "Action",
  "Version",
  "RoleArn",
  "RoleSessionName",
  "ExternalId",
  "DurationSeconds",
  "Policy",
]);
const policyArn = /^PolicyArns\.member\.\d+\.arn$/;
/** The signature of a presigned request stands among its parameters. */
const signature = /^X-Amz-/;

const word = /^[\w+=,.@-]*$/;
const externalId = /^[\w+=,.@:/-]*$/;

/** Limits and patterns from the STS API reference. */
const AssumeRoleInput = z.object({
  roleArn: z.string().min(20).max(2048),
  roleSessionName: z.string().min(2).max(64).regex(word),
  externalId: z.string().min(2).max(1224).regex(externalId).optional(),
  durationSeconds: z.coerce.number().int().min(900).max(43_200).optional(),
  policy: z.string().min(1).max(2048).optional(),
  policyArns: z.array(z.string().min(20)).max(10),
});
export type AssumeRoleInput = z.infer<typeof AssumeRoleInput>;

/** @throws AwsError ValidationError, naming every field that is wrong */
export function readAssumeRoleInput(form: URLSearchParams): AssumeRoleInput {
  const foreign = [...form.keys()].filter(
    (name) => !known.has(name) && !policyArn.test(name) && !signature.test(name),
  );
  if (foreign.length > 0)
    throw new AwsError("ValidationError", `Not supported by the embedded STS: ${foreign.join(", ")}`);
  const fields = {
    roleArn: form.get("RoleArn") ?? undefined,
    roleSessionName: form.get("RoleSessionName") ?? undefined,
    externalId: form.get("ExternalId") ?? undefined,
    durationSeconds: form.get("DurationSeconds") ?? undefined,
    policy: form.get("Policy") ?? undefined,
    policyArns: [...form].filter(([name]) => policyArn.test(name)).map(([, value]) => value),
  };
  const parsed = AssumeRoleInput.safeParse(fields);
  if (parsed.success) return parsed.data;
  throw new AwsError("ValidationError", validationMessage(parsed.error.issues, fields));
}

/** Every field that is wrong, in the words of the services of the Query protocol. */
export function validationMessage(
  issues: readonly z.core.$ZodIssue[],
  fields: Readonly<Record<string, unknown>>,
): string {
  const problems = issues.map((issue) => {
    const [name = ""] = issue.path.map(String);
    const value = fields[name] === undefined ? "null" : `'${fields[name]}'`;
    return `Value ${value} at '${name}' failed to satisfy constraint: Member must ${constraint(issue)}`;
  });
  const count = problems.length;
  return `${count} validation error${count === 1 ? "" : "s"} detected: ${problems.join("; ")}`;
}

function constraint(issue: z.core.$ZodIssue): string {
  const size = "origin" in issue && issue.origin === "string" ? "length" : "value";
  if (issue.code === "too_small") return `have ${size} greater than or equal to ${issue.minimum}`;
  if (issue.code === "too_big") return `have ${size} less than or equal to ${issue.maximum}`;
  if (issue.code === "invalid_format" && "pattern" in issue)
    return `satisfy regular expression pattern: ${issue.pattern}`;
  return "not be null";
}
