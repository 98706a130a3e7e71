import { Digest } from "@tallyman/domain/image/digest";
import { Relation } from "../api/answers.ts";
import { ProblemAnswer } from "../api/client.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { formatDigest, formatMediaType } from "../output/format.ts";

/** `tallyman relations <digest>` */
export async function listRelations(context: Context, digest: string): Promise<void> {
  if (!Digest.safeParse(digest).success)
    throw new UsageError(`"${digest}" is not a digest; write sha256: and 64 hexadecimal digits.`);
  const listed = await collect(context, "relations", everyKind(context, digest));
  show(context, "relations", listed, (rows) =>
    context.terminal.table<Relation>(
      [
        { title: "IS", value: (it) => it.kind },
        { title: "DIGEST", value: (it) => formatDigest(it.digest, context.wide) },
        { title: "PLATFORM", value: (it) => it.platform ?? "-" },
        {
          title: "TYPE",
          value: (it) => (context.wide ? (it.mediaType ?? "-") : formatMediaType(it.mediaType)),
        },
      ],
      rows,
    ),
  );
}

/** What others say of it is known also where its own manifest is not. */
async function* everyKind(context: Context, digest: string): AsyncIterable<Relation> {
  const path = `/api/v1/images/${digest}/relations`;
  let unknown: ProblemAnswer | undefined;
  for (const kind of ["subject", "child"]) {
    try {
      yield* context.api.list(Relation, path, { kind });
    } catch (error) {
      if (!(error instanceof ProblemAnswer) || error.problem.status !== 404) throw error;
      unknown = error;
    }
  }
  let named = false;
  for (const kind of ["parent", "referrer"]) {
    for await (const relation of context.api.list(Relation, path, { kind })) {
      named = true;
      yield relation;
    }
  }
  if (unknown !== undefined && !named) throw unknown;
}
