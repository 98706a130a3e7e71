import * as z from "zod";
import type { Resource, Topology } from "../topology/topology.ts";
import { parseRouteKey, type RouteKey } from "./route-key.ts";

/** One route of one HTTP API, with the function behind it. */
export type ApiRoute = {
  readonly account: string;
  readonly region: string;
  /** `arn:aws:execute-api:<region>:<account>:<api>` */
  readonly apiArn: string;
  readonly apiId: string;
  readonly stage: string;
  readonly key: RouteKey;
  readonly authorization: "AWS_IAM" | "NONE";
  readonly functionArn: string;
  /** After this long the caller hears that the service is unavailable. */
  readonly timeoutMilliseconds: number;
};

const Route = z.object({
  apiId: z.string(),
  routeKey: z.string(),
  target: z.string().regex(/^integrations\//, "must be integrations/<name>"),
  authorizationType: z.enum(["AWS_IAM", "NONE"]).default("NONE"),
});
const Integration = z.object({
  apiId: z.string(),
  integrationType: z.literal("AWS_PROXY"),
  integrationUri: z.string().regex(/^arn:aws:lambda:.*:function:/, "must be a function's ARN"),
  payloadFormatVersion: z.literal("2.0"),
  timeoutMilliseconds: z.number().min(50).max(30_000).default(30_000),
});
const Stage = z.object({ apiId: z.string(), name: z.string() });

/** Reads the `aws:apigatewayv2/*` resources of all stacks. Throws what is wrong with one, by name. */
export function apiRoutes(topology: Pick<Topology, "resources">): readonly ApiRoute[] {
  const integrations = topology.resources("aws:apigatewayv2/integration:Integration");
  const stages = topology.resources("aws:apigatewayv2/stage:Stage").map((stage) => read(Stage, stage));
  return topology.resources("aws:apigatewayv2/route:Route").map((resource) => {
    const route = read(Route, resource);
    const name = route.target.slice("integrations/".length);
    const found = integrations.find((each) => each.logicalName === name && each.stack === resource.stack);
    if (!found) throw new Error(`Route ${resource.logicalName}: there is no integration ${name}`);
    const integration = read(Integration, found);
    const stage = stages.find(({ apiId }) => apiId === route.apiId);
    if (!stage) throw new Error(`Route ${resource.logicalName}: its API ${route.apiId} has no stage`);
    return {
      account: resource.account,
      region: resource.region,
      apiArn: `arn:aws:execute-api:${resource.region}:${resource.account}:${route.apiId}`,
      apiId: route.apiId,
      stage: stage.name,
      key: parseRouteKey(route.routeKey),
      authorization: route.authorizationType,
      functionArn: integration.integrationUri,
      timeoutMilliseconds: integration.timeoutMilliseconds,
    };
  });
}

function read<T>(shape: z.ZodType<T>, { logicalName, inputs }: Resource): T {
  const parsed = shape.safeParse(inputs);
  if (parsed.success) return parsed.data;
  throw new Error(`HTTP API resource ${logicalName}: ${z.prettifyError(parsed.error)}`);
}
