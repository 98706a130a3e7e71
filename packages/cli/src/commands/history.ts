import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { TagInterval } from "../api/answers.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { formatCause, formatDigest, formatTime } from "../output/format.ts";
import { parseReference } from "../reference.ts";
import { chosenRegistries, fromEach } from "../registries.ts";

type Row = Registry & TagInterval;

/** `tallyman history <repository:tag>`: where a tag has been, in every registry that knows it. */
export async function showHistory(
  context: Context,
  name: string,
  tag: string | undefined,
  options: { readonly registry?: string },
): Promise<void> {
  const reference = parseReference(name, tag);
  if (reference.tag === undefined)
    throw new UsageError(`Which tag of ${reference.repository}? Write repository:tag.`);
  const registries = await chosenRegistries(context, options.registry);
  const found = fromEach(registries, ({ account, region }) =>
    rowsOf(
      { account, region },
      context.api.list(TagInterval, "/api/v1/tags/history", { account, region, ...reference }),
    ),
  );
  const listed = await collect(context, "states", found);
  show(context, "states", listed, (rows) =>
    context.terminal.table<Row>(
      [
        { title: "REGISTRY", value: registryName },
        { title: "SINCE", value: (it) => formatTime(it.since) },
        { title: "UNTIL", value: (it) => (it.until === undefined ? "now" : formatTime(it.until)) },
        { title: "CAUSE", value: formatCause },
        { title: "DIGEST", value: (it) => formatDigest(it.digest, context.wide) },
        { title: "BY", value: (it) => it.by ?? "-" },
      ],
      rows,
    ),
  );
}

async function* rowsOf(registry: Registry, intervals: AsyncIterable<TagInterval>): AsyncIterable<Row> {
  for await (const interval of intervals) yield { ...interval, ...registry };
}
