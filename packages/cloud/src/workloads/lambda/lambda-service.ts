import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Faults } from "../../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../../http/aws-service.ts";
import { createRestRouter, type RestRoute } from "../../http/rest-route.ts";
import type { Authorizer } from "../../identity/authorizer.ts";
import type { Identity } from "../../identity/identity.ts";
import { createAlias, deleteAlias, getAlias, listAliases, updateAlias } from "./alias-operations.ts";
import {
  createFunction,
  deleteFunction,
  updateFunctionCode,
  updateFunctionConfiguration,
} from "./function-operations.ts";
import { getFunction, getFunctionConfiguration, listFunctions } from "./function-reads.ts";
import { openFunctionStore } from "./function-store.ts";
import type { ImageSource } from "./image-source.ts";
import type { DeclaredFunction, LambdaCall, LambdaDeps } from "./lambda-call.ts";
import { listVersionsByFunction, publishVersion } from "./version-operations.ts";

export type LambdaOptions = {
  readonly identity: Identity;
  readonly authorize: Authorize;
  readonly authorizeAssumeRole: Authorizer["authorizeAssumeRole"];
  readonly faults: Pick<Faults, "failure">;
  readonly images: ImageSource;
  /** Functions of the stacks. */
  readonly declared: () => readonly DeclaredFunction[];
  /** Where functions are kept (one JSON file); undefined: in memory. */
  readonly file?: string | undefined;
};

export type LambdaApi = {
  readonly service: AwsService;
  /** Forgets every function that calls have made. */
  clear(): Promise<void>;
};

type Perform = (call: LambdaCall) => object | undefined | Promise<object | undefined>;

const FUNCTIONS = "/2015-03-31/functions";
const ONE = `${FUNCTIONS}/{FunctionName}`;
const ALIAS = `${ONE}/aliases/{Name}`;

const routes: readonly (RestRoute<Perform> & { readonly status?: number })[] = [
  { method: "POST", path: FUNCTIONS, operation: "CreateFunction", handle: createFunction },
  { method: "GET", path: FUNCTIONS, operation: "ListFunctions", handle: listFunctions },
  { method: "GET", path: ONE, operation: "GetFunction", handle: getFunction },
  { method: "DELETE", path: ONE, operation: "DeleteFunction", handle: deleteFunction },
  {
    ...{ method: "GET", path: `${ONE}/configuration` },
    ...{ operation: "GetFunctionConfiguration", handle: getFunctionConfiguration },
  },
  {
    ...{ method: "PUT", path: `${ONE}/configuration` },
    ...{ operation: "UpdateFunctionConfiguration", handle: updateFunctionConfiguration },
  },
  { method: "PUT", path: `${ONE}/code`, operation: "UpdateFunctionCode", handle: updateFunctionCode },
  { method: "POST", path: `${ONE}/versions`, operation: "PublishVersion", handle: publishVersion },
  {
    ...{ method: "GET", path: `${ONE}/versions` },
    ...{ operation: "ListVersionsByFunction", handle: listVersionsByFunction },
  },
  { method: "POST", path: `${ONE}/aliases`, operation: "CreateAlias", handle: createAlias },
  { method: "GET", path: `${ONE}/aliases`, operation: "ListAliases", handle: listAliases },
  { method: "GET", path: ALIAS, operation: "GetAlias", handle: getAlias },
  { method: "PUT", path: ALIAS, operation: "UpdateAlias", handle: updateAlias },
  { method: "DELETE", path: ALIAS, operation: "DeleteAlias", handle: deleteAlias },
];
const route = createRestRouter(routes);
const created = new Set(["CreateFunction", "PublishVersion", "CreateAlias"]);

/**
 * AWS Lambda's functions that are made from container images, with their versions and aliases (REST-JSON, 2015-03-31). They
 * are records: nothing invokes them. Errors are answers.
 */
export async function createLambdaApi(options: LambdaOptions): Promise<LambdaApi> {
  const store = await openFunctionStore(options.file);
  const { identity, authorize, images, declared } = options;
  const trusts = (roleArn: string) => lambdaMayAssume(options, roleArn);
  const deps: LambdaDeps = { store, images, identity, authorize, declared, trusts };
  return {
    clear: () => store.clear(),
    service: {
      signingName: "lambda",
      operationOf: (request) => route(request)?.operation,
      async handle(request) {
        try {
          return await answer(options, deps, request);
        } catch (error) {
          if (error instanceof AwsError) return renderError(error);
          throw error;
        }
      },
    },
  };
}

async function answer(options: LambdaOptions, deps: LambdaDeps, request: AwsRequest): Promise<AwsResponse> {
  const found = route(request);
  if (!found)
    throw new AwsError(
      "UnknownOperationException",
      `This cloud's Lambda does not offer ${request.method} ${request.path}.`,
      404,
    );
  const { operation, handle, parts } = found;
  const fault = options.faults.failure(`lambda:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  const { caller, account, region, query, body } = request;
  const result = await handle({ deps, operation, parts, caller, account, region, query, body });
  if (result === undefined) return { status: 204 };
  return json(created.has(operation) ? 201 : 200, result);
}

/** Whether the role exists and its trust policy names Lambda. */
function lambdaMayAssume({ identity, authorizeAssumeRole }: LambdaOptions, roleArn: string): boolean {
  const role = identity.findRoleByArn(roleArn);
  const service = "lambda.amazonaws.com";
  if (!role) return false;
  return authorizeAssumeRole({ caller: { account: role.account, arn: service, service }, roleArn }).allowed;
}

/** What Lambda calls its messages differs by the kind of error (API Reference). */
const capitalised = new Set(["ResourceNotFoundException", "AccessDeniedException", "ServiceException"]);

function renderError({ code, message, status }: AwsError): AwsResponse {
  const Type = status >= 500 ? "Service" : "User";
  const { headers, ...rest } = json(
    status,
    capitalised.has(code) ? { Type, Message: message } : { Type, message },
  );
  return { ...rest, headers: { ...headers, "x-amzn-errortype": code } };
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
