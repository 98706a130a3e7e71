import { isDeepStrictEqual } from "node:util";
import type { Snapshot } from "@tallyman/cloud/topology/snapshot";
import * as z from "zod";
import { type Check, lastOf, ofType } from "./resources.ts";

const Fn = z.object({
  name: z.string(),
  architectures: z.array(z.string()),
  runtime: z.string().optional(),
  loggingConfig: z.object({ logFormat: z.string(), logGroup: z.string() }).optional(),
});

/** Every function runs on the runtime we test on, and logs JSON to a group of its own that forgets. */
export const functionsAreUniform: Check = ({ hub }) => {
  const retention = new Map(
    ofType(hub, LOG_GROUP).map(([, { name, retentionInDays }]) => [name, retentionInDays]),
  );
  return ofType(hub, "aws:lambda/function:Function").flatMap(([name, inputs]) => {
    const { architectures, runtime, loggingConfig } = Fn.parse(inputs);
    return [
      ...(runtime === "nodejs24.x" ? [] : [`${name} runs on ${runtime}`]),
      ...(architectures.join() === "arm64" ? [] : [`${name} runs on ${architectures}`]),
      ...(loggingConfig?.logFormat === "JSON" ? [] : [`${name} logs text`]),
      ...(retention.has(loggingConfig?.logGroup ?? "") ? [] : [`${name} has no log group of its own`]),
    ];
  });
};

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const LONGEST_DAYS = 400;

export const logsAreForgotten: Check = ({ hub, member }) =>
  [hub, member].flatMap((snapshot) =>
    ofType(snapshot, LOG_GROUP)
      .filter(([, { retentionInDays: days }]) => typeof days !== "number" || days < 1 || days > LONGEST_DAYS)
      .map(([name]) => `the log group ${name} keeps its lines for ever`),
  );

/** Slack cannot sign with IAM: its function checks Slack's signature over the raw body. */
const PUBLIC = /^POST \/slack\//;

export const everyRouteIsAuthorised: Check = ({ hub }) =>
  ofType(hub, "aws:apigatewayv2/route:Route")
    .filter(([, { routeKey }]) => !PUBLIC.test(String(routeKey)))
    .filter(([, { authorizationType }]) => authorizationType !== "AWS_IAM")
    .map(([, { routeKey }]) => `anyone may call ${routeKey}`);

/** Whoever invokes a function without a queue is named exactly. */
export const invokersAreNamed: Check = ({ hub }) =>
  ofType(hub, "aws:lambda/permission:Permission")
    .filter(([, { sourceArn }]) => typeof sourceArn !== "string" || !sourceArn.includes(":execute-api:"))
    .map(([name, { function: fn }]) => `${name} lets anything invoke ${lastOf(String(fn))}`);

/** The metrics that our own functions emit: the reconcile that did not happen, the registry that is stale, what runs unknown, and the brake. */
export const ownAlarmsStand: Check = ({ hub }) => {
  const alarms = ofType(hub, "aws:cloudwatch/metricAlarm:MetricAlarm").map(([, inputs]) => inputs);
  const reconcile = alarms.find(({ metricName }) => metricName === "RegistryReconciled") ?? {};
  const stale = alarms.find(({ metricName }) => metricName === "StaleRegistries") ?? {};
  const doubt = alarms.find(({ metricName }) => metricName === "UsageScopesInDoubt") ?? {};
  const brake = alarms.find(({ metricName }) => metricName === "BrakeOn") ?? {};
  const twoDays = reconcile["evaluationPeriods"] === 2 && reconcile["period"] === 86_400;
  return [
    ...(twoDays && reconcile["treatMissingData"] === "breaching"
      ? []
      : ["no alarm tells of a missing reconcile"]),
    ...(stale["threshold"] === 0 ? [] : ["no alarm tells of a stale registry"]),
    ...(doubt["threshold"] === 0 ? [] : ["no alarm tells that it is not known what runs"]),
    ...(brake["threshold"] === 0 ? [] : ["no alarm tells of the brake"]),
    ...[reconcile, stale, doubt, brake]
      .filter((alarm) => !emitters(hub).some((emitter) => isDeepStrictEqual(emitter, metricOf(alarm))))
      .map(({ metricName }) => `no function emits ${metricName} as its alarm expects it`),
  ];
};

const Emitter = z.object({
  environment: z.object({
    variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string(), POWERTOOLS_METRICS_NAMESPACE: z.string() }),
  }),
});

/** Powertools emits under the function's namespace, with its service as the one dimension. */
function emitters(hub: Snapshot): readonly object[] {
  return ofType(hub, "aws:lambda/function:Function").map(([, inputs]) => {
    const { variables } = Emitter.parse(inputs).environment;
    const dimensions = { service: variables.POWERTOOLS_SERVICE_NAME };
    return { namespace: variables.POWERTOOLS_METRICS_NAMESPACE, dimensions };
  });
}

function metricOf({ namespace, dimensions }: Readonly<Record<string, unknown>>): object {
  return { namespace, dimensions };
}
