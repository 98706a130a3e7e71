import * as z from "zod";
import { page } from "./function-page.ts";
import { type Alias, functionArn, type LambdaFunction } from "./function-record.ts";
import {
  checkRevision,
  conflict,
  functionOf,
  inputOf,
  invalid,
  type LambdaCall,
  newRevision,
  notFound,
  versionOf,
} from "./lambda-call.ts";
import { aliasView } from "./views.ts";

const AliasName = z
  .string()
  .max(128)
  .regex(/^(?![0-9]+$)[\w-]+$/, "an alias has letters, digits, - and _, and is no number");
const Changeable = z.object({
  FunctionVersion: z.string().max(1024).optional(),
  Description: z.string().max(256).optional(),
  RoutingConfig: z
    .object({ AdditionalVersionWeights: z.record(z.string(), z.number().min(0).max(1)).optional() })
    .optional(),
  RevisionId: z.string().optional(),
});
const CreateAlias = Changeable.extend({ Name: AliasName, FunctionVersion: z.string().max(1024) });

export async function createAlias(call: LambdaCall): Promise<object> {
  const input = inputOf(CreateAlias, call);
  const record = functionOf(call);
  if (record.aliases.some(({ name }) => name === input.Name))
    throw conflict(`Alias already exists: ${functionArn(record)}:${input.Name}`);
  const empty = { name: input.Name, version: "", description: "", revisionId: "" };
  const alias = changed(record, empty, input);
  await call.deps.store.put({ ...record, aliases: [...record.aliases, alias] });
  return aliasView(record, alias);
}

export async function updateAlias(call: LambdaCall): Promise<object> {
  const input = inputOf(Changeable, call);
  const { record, alias } = aliasOf(call);
  checkRevision(input.RevisionId, alias.revisionId);
  const next = changed(record, alias, input);
  const aliases = record.aliases.map((one) => (one === alias ? next : one));
  await call.deps.store.put({ ...record, aliases });
  return aliasView(record, next);
}

export function getAlias(call: LambdaCall): object {
  const { record, alias } = aliasOf(call);
  return aliasView(record, alias);
}

/** Deleting an alias that is not there is no error. */
export async function deleteAlias(call: LambdaCall): Promise<undefined> {
  const record = functionOf(call);
  const aliases = record.aliases.filter(({ name }) => name !== call.parts["Name"]);
  await call.deps.store.put({ ...record, aliases });
  return undefined;
}

export function listAliases(call: LambdaCall): object {
  const record = functionOf(call);
  const version = call.query.get("FunctionVersion");
  const shown = record.aliases.filter((alias) => version === null || alias.version === version);
  return page(
    call,
    "Aliases",
    shown.map((alias) => aliasView(record, alias)),
  );
}

function aliasOf(call: LambdaCall): { readonly record: LambdaFunction; readonly alias: Alias } {
  const record = functionOf(call);
  const alias = record.aliases.find(({ name }) => name === call.parts["Name"]);
  if (alias) return { record, alias };
  throw notFound(`Cannot find alias arn: ${functionArn(record)}:${call.parts["Name"]}`);
}

/** Every version that an alias speaks of is there; `$LATEST` shares with no other. */
function changed(record: LambdaFunction, alias: Alias, input: z.infer<typeof Changeable>): Alias {
  const { FunctionVersion: version = alias.version, Description: description = alias.description } = input;
  const weights = input.RoutingConfig ? input.RoutingConfig.AdditionalVersionWeights : alias.weights;
  const others = Object.keys(weights ?? {});
  for (const each of [version, ...others])
    if (versionOf(record, each).version.version !== each) throw invalid(`${each} is not a function version.`);
  if (others.length > 0 && [version, ...others].includes("$LATEST"))
    throw invalid("$LATEST is not supported for an alias pointing to more than 1 version");
  const { weights: _, ...rest } = alias;
  return {
    ...rest,
    version,
    description,
    ...(weights && others.length > 0 && { weights }),
    revisionId: newRevision(),
  };
}
