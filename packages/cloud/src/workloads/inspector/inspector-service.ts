import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../../http/aws-service.ts";
import { createRestRouter, type RestRoute } from "../../http/rest-route.ts";
import { getClustersForImage } from "./clusters-for-image.ts";
import type { InspectorOptions } from "./inspector-call.ts";
import { listCoverage } from "./list-coverage.ts";

type Handle = (options: InspectorOptions, request: AwsRequest) => Promise<object>;

const routes: readonly RestRoute<Handle>[] = [
  { method: "POST", path: "/coverage/list", operation: "ListCoverage", handle: listCoverage },
  { method: "POST", path: "/cluster/get", operation: "GetClustersForImage", handle: getClustersForImage },
];
const route = createRestRouter(routes);

/**
 * Amazon Inspector (REST-JSON), as far as it tells which images of ECR are in use: ListCoverage and GetClustersForImage. It is
 * active in a registry whose scan type is ENHANCED, and knows of tasks what ECS still shows.
 */
export function inspectorService(options: InspectorOptions): AwsService {
  return {
    signingName: "inspector2",
    operationOf: (request) => route(request)?.operation,
    async handle(request) {
      try {
        return await answer(options, request);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const { headers, ...rest } = json(error.status, { message: error.message });
        return { ...rest, headers: { ...headers, "x-amzn-errortype": error.code } };
      }
    },
  };
}

async function answer(options: InspectorOptions, request: AwsRequest): Promise<AwsResponse> {
  const found = route(request);
  if (!found)
    throw new AwsError(
      "UnknownOperationException",
      `This cloud's Inspector does not offer ${request.method} ${request.path}.`,
      404,
    );
  const { operation, handle } = found;
  const fault = options.faults.failure(`inspector2:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  const { caller, account } = request;
  const action = `inspector2:${operation}`;
  const decision = options.authorize({ caller, action, resource: "*", resourceAccount: account });
  if (!decision.allowed) throw denied(decision.message);
  // An empty answer would look as though nothing were in use.
  if (!(await options.images.isActive(request)))
    throw denied(`Invoking account does not have access to ${action}: Amazon Inspector is not activated.`);
  return json(200, await handle(options, request));
}

function denied(message: string): AwsError {
  return new AwsError("AccessDeniedException", message, 403);
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
