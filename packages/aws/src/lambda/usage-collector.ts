import { LambdaClient, ListAliasesCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { UsageItem } from "@tallyman/domain/usage/evidence";
import type { CollectedPage, UsageCollector } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import { type ClientsAt, type ClientsOptions, clientsAt } from "../sts/clients-at.ts";
import { askIfThere, askUsage } from "../usage/ask-usage.ts";
import { readCursor, writeCursor } from "../usage/cursor.ts";
import { findImage } from "./function-image.ts";

/** Lambda gives no larger page of functions and versions; each image among them is one more call. */
const PAGE = 50;

const text = z.string();
const maybeText = z.optional(text);
const marker = z.exactOptional(text);

const FUNCTIONS = {
  action: "lambda:ListFunctions",
  schema: z.object({
    Functions: z.array(z.object({ FunctionName: text, Version: text, PackageType: text })),
    NextMarker: maybeText,
  }),
} as const;

const ALIASES = {
  action: "lambda:ListAliases",
  schema: z.object({
    Aliases: z.array(
      z.object({
        Name: text,
        FunctionVersion: text,
        RoutingConfig: z.optional(
          z.object({ AdditionalVersionWeights: z.optional(z.record(text, z.number())) }),
        ),
      }),
    ),
    NextMarker: maybeText,
  }),
  gone: "ResourceNotFoundException",
} as const;

/** First a page of functions in all their versions, then the aliases of each function of images that it had. */
const Cursor = z.discriminatedUnion("step", [
  z.object({ step: z.literal("functions"), marker }),
  z.object({ step: z.literal("aliases"), functions: z.array(text), marker, more: marker }),
]);
type Cursor = z.infer<typeof Cursor>;
type AliasCursor = Extract<Cursor, { readonly step: "aliases" }>;
type Collected = { readonly items: readonly UsageItem[]; readonly next: Cursor | undefined };

/**
 * What the functions of one account and Region are made from: `$LATEST`, every published version (each can be invoked by its
 * number), and the aliases, which say who calls it.
 */
export function lambdaUsageCollector(options: ClientsOptions): UsageCollector {
  const clients = clientsAt(options, (settings) => new LambdaClient(settings));
  return {
    source: "lambda",
    async collect(at, _options, from): Promise<CollectedPage> {
      const cursor: Cursor = from === undefined ? { step: "functions" } : readCursor(Cursor, from);
      const { items, next } = await (cursor.step === "functions"
        ? functions(clients, at, cursor.marker)
        : aliases(clients, at, cursor));
      return { items, ...(next && { next: writeCursor(next) }) };
    },
  };
}

async function functions(
  clients: ClientsAt<LambdaClient>,
  at: Registry,
  from: string | undefined,
): Promise<Collected> {
  const input = { FunctionVersion: "ALL", MaxItems: PAGE, Marker: from } as const;
  const page = await askUsage(at, FUNCTIONS, () => clients(at).send(new ListFunctionsCommand(input)));
  const ofImages = page.Functions.filter(({ PackageType }) => PackageType === "Image");
  const items: UsageItem[] = [];
  for (const { FunctionName, Version } of ofImages) {
    const image = await findImage(clients, at, { name: FunctionName, version: Version });
    if (image) items.push({ ...image, ...placeOf(at, FunctionName, Version) });
  }
  const latest = ofImages.filter(({ Version }) => Version === "$LATEST").map((it) => it.FunctionName);
  return { items, next: atAliases(latest, page.NextMarker) };
}

/** A page of one function's aliases. With a routing configuration an alias is two versions. */
async function aliases(
  clients: ClientsAt<LambdaClient>,
  at: Registry,
  { functions: [name = "", ...others], marker, more }: AliasCursor,
): Promise<Collected> {
  const input = { FunctionName: name, MaxItems: PAGE, Marker: marker };
  const page = await askIfThere(at, ALIASES, () => clients(at).send(new ListAliasesCommand(input)));
  const items: UsageItem[] = [];
  for (const { Name, FunctionVersion, RoutingConfig } of page?.Aliases ?? []) {
    const versions = [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})];
    for (const version of versions) {
      const image = await findImage(clients, at, { name, version });
      if (image) items.push({ ...image, ...placeOf(at, name, Name) });
    }
  }
  if (!page?.NextMarker) return { items, next: atAliases(others, more) };
  const here = { step: "aliases" as const, functions: [name, ...others], marker: page.NextMarker };
  return { items, next: { ...here, ...(more !== undefined && { more }) } };
}

function atAliases(functions: string[], more: string | undefined): Cursor | undefined {
  if (functions.length > 0) return { step: "aliases", functions, ...(more && { more }) };
  return more ? { step: "functions", marker: more } : undefined;
}

/** `function/resize:3`, `function/resize:$LATEST`, `function/resize:live` */
function placeOf({ account, region }: Registry, name: string, qualifier: string) {
  return { kind: "version", account, region, service: `function/${name}:${qualifier}` } as const;
}
