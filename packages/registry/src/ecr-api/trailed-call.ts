import * as z from "zod";
import type { Trail } from "../events/trail/trail.ts";
import type { ApiRequest, ApiResponse } from "./call-api.ts";
import { OPERATIONS } from "./operations.ts";

const Members = z.record(z.string(), z.unknown());
const Input = z.looseObject({ registryId: z.string().optional() });
const Failure = z.looseObject({ __type: z.string(), message: z.string().default("") });

/** Answers a call and has it written down, with what it was asked and what it answered. */
export async function trailedCall(
  trail: Trail,
  request: ApiRequest,
  answer: () => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const response = await answer();
  if (OPERATIONS.has(request.operation)) record(trail, request, response);
  return response;
}

function record(trail: Trail, request: ApiRequest, response: ApiResponse): void {
  const { operation, caller, region, client = UNKNOWN } = request;
  const account = accountOf(request);
  trail.record({ account, region }, operation, () => {
    const input = members(Buffer.from(request.body).toString());
    const output = members(response.body);
    if (response.status < 400) return { caller, client, input, output };
    const { __type: code, message } = Failure.parse(output);
    return { caller, client, input, output, error: { code, message } };
  });
}

const UNKNOWN = { address: "127.0.0.1", userAgent: "unknown" };

/** The registry that was asked; the caller's own also where the input is nothing that ECR could read. */
function accountOf({ body, caller }: ApiRequest): string {
  // Most calls name no registry: their input, which may be large, need not be read or copied for that.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!text.includes('"registryId"')) return caller.account;
  return Input.safeParse(members(text.toString())).data?.registryId ?? caller.account;
}

function members(text: string): Readonly<Record<string, unknown>> {
  try {
    return Members.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
