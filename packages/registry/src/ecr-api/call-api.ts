import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type Admit, FaultError } from "../core/admission.ts";
import { EcrError } from "../core/errors.ts";
import { DISK_FULL, isDiskFull } from "../storage/disk-full.ts";
import type { Call } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { openToken, sealToken } from "./page-token.ts";
import { parseInput } from "./parse-input.ts";

export type ApiRequest = {
  /** The name after the dot of `X-Amz-Target`. */
  readonly operation: string;
  /** JSON text in UTF-8. */
  readonly body: Uint8Array;
  /** Whose signature was verified. */
  readonly caller: Caller;
  /** Of the credential scope. */
  readonly region: string;
  /** Where the call came from, as conditions and CloudTrail see it. */
  readonly client?: { readonly address: string; readonly userAgent: string };
};

export type ApiResponse = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
};

export type ApiDependencies = Pick<
  Call<unknown>,
  "core" | "permits" | "secret" | "downloads" | "endpoint"
> & {
  readonly admit: Admit;
  /** Hears of errors that are nobody's fault but ours; the client got a ServerException. */
  readonly onError: (error: unknown) => void;
};

/** Answers one AWS JSON 1.1 call; never rejects. */
export async function callApi(deps: ApiDependencies, request: ApiRequest): Promise<ApiResponse> {
  try {
    return respond(200, await run(deps, request));
  } catch (error) {
    if (error instanceof EcrError) {
      const status = error.code === "UnknownOperationException" ? 404 : 400;
      return respond(status, { __type: error.code, message: error.message, ...error.members });
    }
    if (error instanceof FaultError)
      return respond(error.fault.status, { __type: error.code, message: error.message });
    deps.onError(error);
    const message = isDiskFull(error) ? DISK_FULL : "Internal error";
    return respond(500, { __type: "ServerException", message });
  }
}

async function run(deps: ApiDependencies, request: ApiRequest): Promise<object> {
  const operation = OPERATIONS.get(request.operation);
  if (operation === undefined) {
    throw new EcrError("UnknownOperationException", `The operation '${request.operation}' is not known here`);
  }
  deps.admit({ caller: request.caller, region: request.region, operations: () => [operation.name] });
  const input = parseInput(operation, request.body);
  const { core, permits, secret, downloads, endpoint } = deps;
  const registry = registryOf(input, request);
  const query = { operation: operation.name, registry, input };
  const call = {
    core,
    permits: permits.from(request.client),
    secret,
    downloads,
    endpoint,
    registry,
    caller: request.caller,
  };
  const output = await operation.run({ ...call, input: openToken(secret, query) });
  const { nextToken } = Page.parse(output);
  return nextToken === undefined ? output : { ...output, nextToken: sealToken(secret, query, nextToken) };
}

const Addressed = z.looseObject({ registryId: z.string().optional() });
const Page = z.looseObject({ nextToken: z.string().optional() });

function registryOf(input: unknown, { caller, region }: ApiRequest): Registry {
  return { account: Addressed.parse(input).registryId ?? caller.account, region };
}

function respond(status: number, body: object): ApiResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
