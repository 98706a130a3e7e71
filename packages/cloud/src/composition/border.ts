import type { IncomingMessage } from "node:http";
import { isLayerDownload } from "@tallyman/registry/open-registry";
import { handleControl } from "../embedded/control.ts";
import { controlHandlers } from "../embedded/handlers.ts";
import { handleAws } from "../http/aws-border.ts";
import type { Route } from "../http/server.ts";
import { createHttpApi, type HttpApi } from "../http-api/http-api.ts";
import { httpApiRoute } from "../http-api/http-api-route.ts";
import { organizationsService } from "../organizations/organizations-service.ts";
import type { CloudParts } from "../start-cloud.ts";
import { createSts } from "../sts/sts-service.ts";
import { ec2Service } from "../workloads/ec2/ec2-service.ts";
import { inspectorService } from "../workloads/inspector/inspector-service.ts";
import { createScannedImages } from "../workloads/inspector/scanned-images.ts";
import { ecrService } from "./registry.ts";
import { resetCloud } from "./reset.ts";

/** Everything behind the one port, in the order in which it is asked. */
export function cloudRoutes(parts: CloudParts): readonly Route[] {
  const { core, registry } = parts;
  const handlers = controlHandlers(parts, () => resetCloud(parts));
  const services = new Map(servicesOf(parts).map((service) => [service.signingName, service]));
  const { identity, wire, onError } = core;
  return [
    {
      matches: (path) => path === "/v2" || path.startsWith("/v2/"),
      handle: (req, res) => registry.handleOci(req, res),
    },
    { matches: isLayerDownload, handle: (req, res) => registry.serveDownload(req, res) },
    parts.slack.route,
    {
      matches: (path) => path === "/_embedded" || path.startsWith("/_embedded/"),
      handle: (req, res) => handleControl(handlers, req, res, onError),
    },
    httpApiRoute(httpApi(parts), onError),
    { matches: isAwsCall, handle: (req, res) => handleAws({ identity, services, wire, onError }, req, res) },
  ];
}

function httpApi({ core, functions }: CloudParts): HttpApi {
  const { topology, identity, clock, authorizer, policies } = core;
  const { runtime } = functions;
  const { authorize } = authorizer;
  return createHttpApi({ topology, identity, authorize, runtime, clock, functionPolicies: policies.of });
}

function servicesOf({
  core,
  iam,
  messaging,
  registry,
  ecs,
  tables,
  buckets,
  parameters,
  lambdaApi,
}: CloudParts) {
  const { identity, authorizer, faults, organization } = core;
  return [
    ...messaging.services,
    ecrService(registry),
    ecs.service,
    createSts({ identity, authorizer, faults }),
    iam.service,
    organizationsService({ organization, authorize: authorizer.authorize, faults }),
    tables.service,
    buckets.service,
    parameters.service,
    lambdaApi.service,
    ec2Service({
      ...{ instances: ecs.fleet.instances, profileOf: iam.profileOf, faults },
      authorize: authorizer.authorize,
    }),
    inspectorService({
      ...{ fleet: ecs.fleet, authorize: authorizer.authorize, faults, now: () => core.clock.now() },
      images: createScannedImages({ callApi: registry.callApi, serviceCallers: core.serviceCallers }),
    }),
  ];
}

/** Signed, or addressed like a JSON or Query API: unsigned ones are refused in the service's own words. */
function isAwsCall(path: string, req: IncomingMessage): boolean {
  const { authorization, "x-amz-target": target } = req.headers;
  if (authorization?.startsWith("AWS4-") || target !== undefined) return true;
  return req.url?.includes("X-Amz-Credential=") === true || (req.method === "POST" && path === "/");
}
