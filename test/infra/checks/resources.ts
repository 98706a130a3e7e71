import type { Snapshot } from "@tallyman/cloud/topology/snapshot";
import * as z from "zod";

export type Snapshots = { readonly hub: Snapshot; readonly member: Snapshot };
/** Looks at both snapshots and says what is wrong with them, a sentence each. */
export type Check = (snapshots: Snapshots) => readonly string[];

const OneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const Principal = z.union([z.literal("*"), z.record(z.string(), OneOrMore)]);
export const Statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: OneOrMore,
  Resource: OneOrMore.optional(),
  Principal: Principal.optional(),
  Condition: z.record(z.string(), z.record(z.string(), OneOrMore)).optional(),
});
export type Statement = z.infer<typeof Statement>;
const Document = z.object({ Statement: z.array(Statement) });

type Inputs = Readonly<Record<string, z.core.util.JSONType>>;

/** The resources of one type, such as `aws:sqs/queue:Queue`: logical name and inputs. */
export function ofType(snapshot: Snapshot, type: string): readonly (readonly [string, Inputs])[] {
  return Object.entries(snapshot.resources[type] ?? {});
}

/** The statements of a policy document, as AWS reads them: one or many everywhere many. */
export function statementsOf(document: unknown): readonly Statement[] {
  return Document.parse(document).Statement;
}

const Role = z.object({
  name: z.string(),
  assumeRolePolicy: z.unknown(),
  inlinePolicies: z.array(z.object({ policy: z.unknown() })).default([]),
});

export type RoleView = {
  readonly logicalName: string;
  readonly name: string;
  readonly trust: readonly Statement[];
  readonly grants: readonly Statement[];
};

export function rolesOf(snapshot: Snapshot): readonly RoleView[] {
  return ofType(snapshot, "aws:iam/role:Role").map(([logicalName, inputs]) => {
    const role = Role.parse(inputs);
    return {
      logicalName,
      name: role.name,
      trust: statementsOf(role.assumeRolePolicy),
      grants: role.inlinePolicies.flatMap(({ policy }) => statementsOf(policy)),
    };
  });
}

/** `arn:aws:sqs:...:ImageActionQueue` -> `ImageActionQueue`. */
export function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(":") + 1);
}

export function bothOf({ hub, member }: Snapshots): readonly Snapshot[] {
  return [hub, member];
}
