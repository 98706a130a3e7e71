import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import { registryName } from "@tallyman/domain/registry/registry";
import { type EcrRegistry, type OpenRegistryOptions, openRegistry } from "@tallyman/registry/open-registry";
import type { AwsService } from "../http/aws-service.ts";
import type { Core } from "./core.ts";
import type { Messaging } from "./messaging.ts";

/** What a deployment does, as CloudFormation or Pulumi would: not a principal that anybody can be. */
const deployer: Caller = { account: "000000000000", arn: "arn:aws:iam::000000000000:deployment" };

export function startRegistry(
  core: Core,
  messaging: Messaging,
  options: {
    readonly dataDirectory: string;
    readonly endpoint: () => string;
    readonly registry?: Pick<OpenRegistryOptions, "limits" | "switches"> | undefined;
    readonly onRestoring: (until: Date) => void;
  },
): Promise<EcrRegistry> {
  const authorize: Authorize = (request) =>
    request.caller.arn === deployer.arn || core.serviceCallers.isTrusted(request.caller)
      ? { allowed: true }
      : core.authorizer.authorize(core.serviceCallers.asked(request));
  return openRegistry({
    ...options.registry,
    onRestoring: options.onRestoring,
    directory: join(options.dataDirectory, "registry"),
    now: () => core.clock.now(),
    newId: randomUUID,
    authorize,
    isPrincipal: (name) => core.identity.isPrincipal(name),
    emit: (event) => messaging.registryEvents.publish(event),
    fault: (operation, from) => core.faults.failure(`ecr:${operation}`, registryName(from)),
    slow: (operation) => {
      const milliseconds = core.faults.latency(`ecr:${operation}`);
      return milliseconds > 0 ? wait(milliseconds) : undefined;
    },
    hearsCalls: ({ account, region }, call) =>
      messaging.buses.hearsCalls(`arn:aws:events:${region}:${account}:event-bus/default`, call),
    onError: core.onError,
    downloadEndpoint: options.endpoint,
    endpoint: (account, region) =>
      `http://${account}.dkr.ecr.${region}.localhost:${new URL(options.endpoint()).port}`,
  });
}

/** Of `X-Amz-Target`, before the operation's name. */
const API = "AmazonEC2ContainerRegistry_V20150921.";

/** ECR's JSON API behind the border. */
export function ecrService(registry: EcrRegistry): AwsService {
  return {
    signingName: "ecr",
    handle({ method, headers, body, caller, region, address = "" }) {
      const target = headers["x-amz-target"] ?? "";
      // What is no POST to this API is an operation that is not there.
      const known = method === "POST" && target.startsWith(API);
      const operation = known ? target.slice(API.length) : `${method} ${target}`;
      const client = { address, userAgent: headers["user-agent"] ?? "" };
      return registry.callApi({ operation, body, caller, region, client });
    },
  };
}

/** Puts the pull-time exclusions that the stacks declare into their registries; those that exist stay. */
export async function declareExclusions(registry: EcrRegistry, { topology }: Core): Promise<void> {
  for (const { inputs, account, region } of topology.resources(
    "aws:ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion",
  )) {
    const { status, body } = await registry.callApi({
      operation: "RegisterPullTimeUpdateExclusion",
      body: Buffer.from(JSON.stringify({ principalArn: inputs["principalArn"] })),
      caller: { ...deployer, account },
      region,
    });
    if (status !== 200 && !body.includes("ExclusionAlreadyExistsException"))
      throw new Error(`The pull-time exclusion of ${account}/${region} was refused: ${body}`);
  }
}
