import * as z from "zod";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../../http/aws-service.ts";
import type { EcsContext } from "./ecs-call.ts";
import { OPERATIONS } from "./operations.ts";

const TARGET = /^AmazonEC2ContainerServiceV20141113\./;

/** Amazon ECS over AWS JSON 1.1. */
export function ecsApi(context: EcsContext): AwsService {
  return {
    signingName: "ecs",
    async handle(request) {
      try {
        return json(200, answer(context, request));
      } catch (error) {
        const known = toAwsError(error);
        if (!known) throw error;
        const { code, message, status, details } = known;
        return json(status, { __type: code, message, ...details });
      }
    },
  };
}

function answer(context: EcsContext, request: AwsRequest): object {
  const name = (request.headers["x-amz-target"] ?? "").replace(TARGET, "");
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!operation) throw new AwsError("UnknownOperationException", `This cloud does not offer ecs:${name}.`);
  const fault = context.core.faults.failure(`ecs:${name}`, `${request.account}/${request.region}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  return operation(context, request, inputOf(request.body));
}

function inputOf(body: Uint8Array): unknown {
  const text = Buffer.from(body).toString("utf8");
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
}

/** Input of another shape is refused in ECS's way. */
function toAwsError(error: unknown): AwsError | undefined {
  if (error instanceof AwsError) return error;
  if (!(error instanceof z.ZodError)) return undefined;
  const problems = error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  return new AwsError("InvalidParameterException", problems.join("; "));
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
