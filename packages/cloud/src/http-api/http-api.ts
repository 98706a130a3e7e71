import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import { AwsError } from "../http/aws-service.ts";
import type { Identity } from "../identity/identity.ts";
import { userId } from "../identity/request-context.ts";
import { verifySignature } from "../identity/verify-signature.ts";
import type { FunctionRuntime } from "../lambda/function-runtime.ts";
import type { Topology } from "../topology/topology.ts";
import { type ApiRoute, apiRoutes } from "./api-definitions.ts";
import { functionPoliciesOf } from "./function-policies.ts";
import { type ApiAnswer, gatewayAnswer, proxyAnswer } from "./proxy-answer.ts";
import { type ApiRequest, decodedPath, type IamCaller, proxyEvent } from "./proxy-event.ts";
import { matchRouteKey, type PathParameters, specificity } from "./route-key.ts";

export type HttpApiOptions = {
  readonly topology: Pick<Topology, "resources">;
  readonly identity: Identity;
  readonly authorize: Authorize;
  readonly runtime: FunctionRuntime;
  readonly clock: CloudClock;
  /** Policies attached to a function; default: what the stacks' Lambda permissions say. */
  readonly functionPolicies?: (functionArn: string) => readonly unknown[];
};

export type HttpApi = {
  /** Whether a route of any API, whatever its method, has this path: still percent-encoded, without the query. */
  matches(path: string): boolean;
  /** Never rejects for what a caller or a function does wrong. */
  handle(request: ApiRequest): Promise<ApiAnswer>;
};

type Match = { readonly route: ApiRoute; readonly parameters: PathParameters };

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** The HTTP APIs of the stacks: IAM authorisation, payload format 2.0, Lambda proxy integrations. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const routes = apiRoutes(options.topology).toSorted((a, b) => specificity(b.key) - specificity(a.key));
  const declared = functionPoliciesOf(options.topology);
  const functionPolicies =
    options.functionPolicies ?? ((arn: string) => (declared.has(arn) ? [declared.get(arn)] : []));

  async function handle(request: ApiRequest): Promise<ApiAnswer> {
    const match = findRoute(routes, request);
    if (!match) return gatewayAnswer(404, "Not Found");
    if (request.body.length > MAX_BODY_BYTES) return gatewayAnswer(413, "Request Entity Too Large");
    try {
      const iam =
        match.route.authorization === "AWS_IAM" ? authenticate(options, request, match.route) : undefined;
      if (!mayInvoke(options.authorize, match.route, functionPolicies)) {
        return gatewayAnswer(500, "Internal Server Error");
      }
      return await integrate(options, { ...match, request, iam, now: options.clock.now() });
    } catch (error) {
      if (error instanceof AwsError) return gatewayAnswer(403, refusal(error));
      throw error;
    }
  }

  return { handle, matches: (path) => routes.some(({ key }) => fits(key, path)) };
}

function fits(key: ApiRoute["key"], path: string): boolean {
  try {
    return matchRouteKey({ ...key, method: "ANY" }, "ANY", decodedPath(path)) !== undefined;
  } catch {
    return false;
  }
}

function findRoute(routes: readonly ApiRoute[], { method, path }: ApiRequest): Match | undefined {
  for (const route of routes) {
    if (!fits(route.key, path)) continue;
    const parameters = matchRouteKey(route.key, method, decodedPath(path));
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** Throws AwsError when the signature is wrong or no policy lets the caller in. */
function authenticate(
  { identity, authorize }: HttpApiOptions,
  request: ApiRequest,
  route: ApiRoute,
): IamCaller {
  const verified = verifySignature(identity, { ...request, service: "execute-api" });
  const forbidden = new AwsError("AccessDenied", "Forbidden", 403);
  if (verified.service !== "execute-api" || verified.region !== route.region) throw forbidden;
  const { caller, accessKeyId } = verified;
  const decision = authorize({
    caller,
    action: "execute-api:Invoke",
    resource: `${route.apiArn}/${route.stage}/${request.method}${decodedPath(request.path)}`,
    resourceAccount: route.account,
  });
  if (!decision.allowed) throw forbidden;
  return { caller, accessKeyId, userId: userId(identity, caller), organizationId: identity.organizationId };
}

/** Nobody signed: as API Gateway, `Forbidden`. A wrong signature says what is wrong with it. */
function refusal(error: AwsError): string {
  return error.code.startsWith("MissingAuthenticationToken") ? "Forbidden" : error.message;
}

/** API Gateway calls the function as a service: the function's own policy must let it. */
function mayInvoke(
  authorize: Authorize,
  route: ApiRoute,
  functionPolicies: (functionArn: string) => readonly unknown[],
): boolean {
  const path = route.key.segments ? route.key.text.slice(route.key.text.indexOf("/")) : "/$default";
  const method = route.key.method === "ANY" ? "*" : route.key.method;
  return authorize({
    caller: { account: route.account, arn: "apigateway.amazonaws.com", service: "apigateway.amazonaws.com" },
    action: "lambda:InvokeFunction",
    resource: route.functionArn,
    resourceAccount: route.functionArn.split(":")[4] ?? route.account,
    resourcePolicies: functionPolicies(route.functionArn),
    context: { "aws:sourcearn": `${route.apiArn}/${route.stage}/${method}${path}` },
  }).allowed;
}

/** API Gateway gives up waiting; the function goes on, as on AWS. */
async function integrate(
  { runtime }: HttpApiOptions,
  parts: Match & { readonly request: ApiRequest; readonly iam: IamCaller | undefined; readonly now: Date },
): Promise<ApiAnswer> {
  const { route } = parts;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), route.timeoutMilliseconds);
  });
  const invocation = runtime.invoke(route.functionArn, proxyEvent(parts), "request");
  const result = await Promise.race([invocation, late]).finally(() => clearTimeout(timer));
  if (!result) return gatewayAnswer(503, "Service Unavailable");
  const answer = result.ok ? proxyAnswer(result.payload) : undefined;
  return answer ?? gatewayAnswer(500, "Internal Server Error");
}
