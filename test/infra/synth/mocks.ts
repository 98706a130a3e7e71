import { inventState, type Place, physicalName, withPhysicalName } from "./aws-state.ts";
import { renderPolicyDocument } from "./policy-document.ts";
import { logicalNameOf, type Registered, type ResourceOptions } from "./resource.ts";
import { varied } from "./variant.ts";

type Context = {
  readonly registered: Registered[];
  readonly place: Place;
  readonly stage: string;
  /** Synthesize with every logical name changed. */
  readonly variant: boolean;
};

/** What Pulumi's mocks do not say about a resource; set just before each call of `newResource`. */
type Request = ResourceOptions & { readonly parentType: string | undefined };
type GrpcRequest = {
  getParent(): string;
  getRetainondelete?(): boolean;
  getIgnorechangesList?(): string[];
};
type MockArgs = { type: string; name: string; inputs: Record<string, unknown>; id?: string };

/** Installs Pulumi's mocks: every resource is registered in `context.registered` and answered with invented state. */
export async function mockMonitor(require: NodeJS.Require, context: Context): Promise<void> {
  const pulumi = require("@pulumi/pulumi");
  const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
  let request: Request | undefined;
  for (const method of ["registerResource", "readResource"]) {
    const original = MockMonitor.prototype[method];
    MockMonitor.prototype[method] = function (grpc: GrpcRequest, callback: unknown) {
      request = describe(grpc);
      // Calls `newResource` before it first yields, so `request` is still this one.
      return original.call(this, grpc, callback);
    };
  }
  await pulumi.runtime.setMocks(
    {
      newResource: (args: MockArgs) => newResource(args, request, context),
      call: ({ token, inputs }: { token: string; inputs: object }) => invoke(token, inputs, context.place),
    },
    "tallyman",
    context.stage,
    false,
  );
}

function describe(grpc: GrpcRequest): Request {
  const parent = grpc.getParent();
  const parentType = parent === "" ? undefined : parent.split("::")[2]?.split("$").at(-1);
  return {
    parentType: parentType === "pulumi:pulumi:Stack" ? undefined : parentType,
    retainOnDelete: grpc.getRetainondelete?.() ?? false,
    ignoreChanges: grpc.getIgnorechangesList?.() ?? [],
  };
}

function newResource(
  args: MockArgs,
  request: Request | undefined,
  context: Context,
): { id: string; state: object } {
  const { type, inputs } = args;
  // `X.get(name, id)` reads a resource that stands already: its name is its id, and it is not ours.
  const { parentType, ...options } = request ?? {
    parentType: undefined,
    retainOnDelete: false,
    ignoreChanges: [],
  };
  const plain = logicalNameOf(args.name, parentType);
  const logicalName = context.variant ? varied(plain) : plain;
  const name = args.id || physicalName(type, logicalName, inputs);
  const state = inventState(type, name, inputs, context.place);
  if (!args.id) {
    context.registered.push({
      type,
      name: plain,
      logicalName,
      parentType,
      options,
      inputs: withPhysicalName(type, name, inputs),
    });
  }
  return { id: String(state["id"]), state: { ...inputs, ...state } };
}

function invoke(token: string, inputs: object, { account, region }: Place): object {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account, arn: `arn:aws:iam::${account}:root`, userId: account };
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return { ...inputs, id: "policy", json: renderPolicyDocument(inputs) };
    default:
      throw new Error(`the harness does not answer the provider call ${token}`);
  }
}
