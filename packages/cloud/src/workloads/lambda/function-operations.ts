import * as z from "zod";
import { Configuration, type LambdaFunction, type Version } from "./function-record.ts";
import {
  addressed,
  checkRevision,
  conflict,
  functionOf,
  inputOf,
  invalid,
  type LambdaCall,
  lambdaTime,
  newRevision,
  permit,
  versionOf,
} from "./lambda-call.ts";
import { publish } from "./version-operations.ts";
import { configurationView } from "./views.ts";

const Settings = z.object({
  Role: z.string().regex(/^arn:aws:iam::\d{12}:role\/.+$/, "Role is the ARN of an IAM role"),
  Description: z.string().max(256),
  Timeout: z.number().int().min(1).max(900),
  MemorySize: z.number().int().min(128).max(10_240),
  EphemeralStorage: z.object({ Size: z.number().int().min(512).max(10_240) }),
  Environment: Configuration.shape.Environment,
  ImageConfig: Configuration.shape.ImageConfig,
});
const Architectures = z.array(z.enum(["x86_64", "arm64"])).length(1);
const Forbidden = {
  Runtime: z.unknown().optional(),
  Handler: z.unknown().optional(),
  Layers: z.unknown().optional(),
};

const CreateFunction = Settings.partial().extend({
  FunctionName: z.string(),
  Role: Settings.shape.Role,
  PackageType: z.enum(["Image", "Zip"]).default("Zip"),
  Code: z.object({ ImageUri: z.string().optional() }),
  Architectures: Architectures.default(["x86_64"]),
  Publish: z.boolean().default(false),
  Tags: z.record(z.string(), z.string()).default({}),
  ...Forbidden,
});

const UpdateCode = z.object({
  ImageUri: z.string().optional(),
  Architectures: Architectures.optional(),
  Publish: z.boolean().default(false),
  DryRun: z.boolean().default(false),
  RevisionId: z.string().optional(),
});

export async function createFunction(call: LambdaCall): Promise<object> {
  const input = inputOf(CreateFunction, call);
  const named = { ...call, parts: { FunctionName: input.FunctionName } };
  const { name, arn } = addressed(named);
  permit(call, arn);
  const imageUri = imageOf(input);
  passRole(call, input.Role);
  if (call.deps.store.find(arn) || call.deps.declared().some((declared) => declared.arn === arn))
    throw conflict(`Function already exist: ${name}`);
  const { account, region } = call;
  const code = await call.deps.images.resolve(imageUri, { ...call, arn });
  // Somebody may have been quicker while the image was looked at.
  if (call.deps.store.find(arn)) throw conflict(`Function already exist: ${name}`);
  const latest: Version = {
    version: "$LATEST",
    configuration: {
      Description: input.Description ?? "",
      Role: input.Role,
      Timeout: input.Timeout ?? 3,
      MemorySize: input.MemorySize ?? 128,
      EphemeralStorage: input.EphemeralStorage ?? { Size: 512 },
      Architectures: input.Architectures,
      ...(input.Environment && { Environment: input.Environment }),
      ...(input.ImageConfig && { ImageConfig: input.ImageConfig }),
    },
    code,
    lastModified: lambdaTime(call.deps.identity.now()),
    revisionId: newRevision(),
  };
  const record = { account, region, name, latest, versions: [], published: 0, aliases: [], tags: input.Tags };
  return saved(call, record, input.Publish);
}

function imageOf(input: z.infer<typeof CreateFunction>): string {
  if (input.PackageType !== "Image")
    throw invalid("This cloud makes functions from container images alone: give PackageType Image.");
  if ([input.Runtime, input.Handler, input.Layers].some((given) => given !== undefined))
    throw invalid(
      "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
    );
  if (input.Code.ImageUri === undefined)
    throw invalid("Please provide ImageUri when creating a function with packageType Image.");
  return input.Code.ImageUri;
}

/** Whoever makes a function must be allowed to give it its role, and Lambda to take it. */
function passRole(call: LambdaCall, role: string): void {
  permit(call, role, {
    action: "iam:PassRole",
    context: { "iam:passedtoservice": "lambda.amazonaws.com" },
  });
  const trusted = call.deps.trusts(role);
  if (!trusted) throw invalid("The role defined for the function cannot be assumed by Lambda.");
}

async function saved(call: LambdaCall, record: LambdaFunction, publishes: boolean): Promise<object> {
  const { record: made, version } = publishes ? publish(record, {}) : { record, version: record.latest };
  await call.deps.store.put(made);
  return configurationView(made, version, version === made.latest ? undefined : version.version);
}

export async function updateFunctionCode(call: LambdaCall): Promise<object> {
  const input = inputOf(UpdateCode, call);
  const { latest } = functionOf(call);
  checkRevision(input.RevisionId, latest.revisionId);
  if (input.ImageUri === undefined)
    throw invalid("Please provide ImageUri when updating a function with packageType Image.");
  const { arn } = addressed(call);
  const code = await call.deps.images.resolve(input.ImageUri, { ...call, arn });
  // As it is now: another call may have changed it while the image was looked at.
  const record = functionOf(call);
  const { Architectures = record.latest.configuration.Architectures } = input;
  const changed = change(call, record, {
    code,
    configuration: { ...record.latest.configuration, Architectures },
  });
  return input.DryRun ? configurationView(changed, changed.latest) : saved(call, changed, input.Publish);
}

export async function updateFunctionConfiguration(call: LambdaCall): Promise<object> {
  const input = inputOf(Settings.partial().extend({ RevisionId: z.string().optional(), ...Forbidden }), call);
  const record = functionOf(call);
  checkRevision(input.RevisionId, record.latest.revisionId);
  if (input.Role !== undefined) passRole(call, input.Role);
  const given = Settings.partial().parse(input);
  const configuration = Configuration.parse({ ...record.latest.configuration, ...withoutUndefined(given) });
  return saved(call, change(call, record, { configuration }), false);
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function change(
  call: LambdaCall,
  record: LambdaFunction,
  to: Partial<Pick<Version, "code" | "configuration">>,
): LambdaFunction {
  const lastModified = lambdaTime(call.deps.identity.now());
  return { ...record, latest: { ...record.latest, ...to, lastModified, revisionId: newRevision() } };
}

/** The whole function, or one version that no alias points at. */
export async function deleteFunction(call: LambdaCall): Promise<undefined> {
  const { arn, qualifier } = addressed(call);
  const record = functionOf(call);
  if (qualifier === undefined) {
    await call.deps.store.delete(arn);
    return undefined;
  }
  if (qualifier === "$LATEST")
    throw invalid("$LATEST version cannot be deleted without deleting the function.");
  const { version, alias } = versionOf(record, qualifier);
  if (alias) throw invalid("Deletion of aliases is not currently supported. Use DeleteAlias.");
  const used = record.aliases.filter((one) => one.version === qualifier || one.weights?.[qualifier]);
  if (used.length > 0)
    throw conflict(
      `Unable to delete version because the following aliases reference it: [${used.map(({ name }) => name).join(", ")}]`,
    );
  await call.deps.store.put({ ...record, versions: record.versions.filter((one) => one !== version) });
  return undefined;
}
