import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { page } from "./function-page.ts";
import type { LambdaFunction, Version } from "./function-record.ts";
import { checkRevision, functionOf, inputOf, invalid, type LambdaCall, newRevision } from "./lambda-call.ts";
import { configurationView } from "./views.ts";

const PublishVersion = z.object({
  CodeSha256: z.string().optional(),
  Description: z.string().max(256).optional(),
  RevisionId: z.string().optional(),
});

/** Freezes `$LATEST`; where nothing changed since the last version, that one is the answer. */
export async function publishVersion(call: LambdaCall): Promise<object> {
  const input = inputOf(PublishVersion, call);
  const current = functionOf(call);
  checkRevision(input.RevisionId, current.latest.revisionId);
  const sha = current.latest.code.digest.slice("sha256:".length);
  if (input.CodeSha256 !== undefined && input.CodeSha256 !== sha)
    throw invalid(
      `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${sha}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  const { record, version } = publish(current, { description: input.Description });
  await call.deps.store.put(record);
  return configurationView(record, version, version.version);
}

export function publish(
  record: LambdaFunction,
  { description }: { readonly description?: string | undefined },
): { readonly record: LambdaFunction; readonly version: Version } {
  const { latest, versions } = record;
  const last = versions.at(-1);
  if (last && sameContent(last, latest)) return { record, version: last };
  const published = record.published + 1;
  const configuration = {
    ...latest.configuration,
    ...(description !== undefined && { Description: description }),
  };
  const version = { ...latest, configuration, version: String(published), revisionId: newRevision() };
  return { record: { ...record, published, versions: [...versions, version] }, version };
}

/** A description makes no other version (API Reference, PublishVersion). */
function sameContent(one: Version, other: Version): boolean {
  const content = ({ code, configuration: { Description: _, ...rest } }: Version) => [code.digest, rest];
  return isDeepStrictEqual(content(one), content(other));
}

export function listVersionsByFunction(call: LambdaCall): object {
  const record = functionOf(call);
  const all = [record.latest, ...record.versions];
  return page(
    call,
    "Versions",
    all.map((one) => configurationView(record, one, one.version)),
  );
}
