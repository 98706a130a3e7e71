import * as z from "zod";
import type { Topology } from "../topology/topology.ts";

const Permission = z.object({
  action: z.string(),
  function: z.string(),
  principal: z.string(),
  sourceArn: z.string().optional(),
});

/** The resource policies of functions, by ARN: what their `aws:lambda/permission:Permission` resources add up to. */
export function functionPoliciesOf(topology: Pick<Topology, "resources">): ReadonlyMap<string, unknown> {
  const permissions = topology
    .resources("aws:lambda/permission:Permission")
    .map(({ logicalName, inputs }) => {
      const parsed = Permission.safeParse(inputs);
      if (!parsed.success) throw new Error(`Permission ${logicalName}: ${z.prettifyError(parsed.error)}`);
      return { Sid: logicalName, ...parsed.data };
    });
  const grouped = Map.groupBy(permissions, (permission) => permission.function);
  return new Map(
    [...grouped].map(([arn, of]) => [arn, { Version: "2012-10-17", Statement: of.map(statement) }]),
  );
}

function statement({
  Sid,
  action,
  principal,
  sourceArn,
  ...permission
}: z.infer<typeof Permission> & { Sid: string }) {
  return {
    Sid,
    Effect: "Allow",
    Principal: principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
    Action: action,
    Resource: permission.function,
    ...(sourceArn !== undefined && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
  };
}
