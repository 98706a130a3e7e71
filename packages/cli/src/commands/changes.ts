import { registryName } from "@tallyman/domain/registry/registry";
import { Change } from "../api/history-answers.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { formatCause, formatDigest, formatTime } from "../output/format.ts";
import { parseRegistry } from "../registries.ts";

export type ChangesOptions = {
  readonly since: string;
  readonly registry?: string;
  readonly repository?: string;
};

/** `tallyman changes --since 2h`: images and tags that changed, as they are now, the latest first. */
export async function listChanges(context: Context, options: ChangesOptions): Promise<void> {
  const registry = options.registry === undefined ? {} : parseRegistry(options.registry);
  const query = { since: options.since, ...registry, repository: options.repository };
  const listed = await collect(context, "changes", context.api.list(Change, "/api/v1/changes", query));
  show(context, "changes", listed, (rows) =>
    context.terminal.table<Change>(
      [
        { title: "AT", value: (it) => formatTime(it.at) },
        { title: "REGISTRY", value: registryName },
        { title: "REPOSITORY", value: (it) => it.repository },
        { title: "WHAT", value: (it) => (it.kind === "tag" ? `tag ${it.tag}` : "image") },
        { title: "DIGEST", value: (it) => formatDigest(it.digest, context.wide) },
        {
          title: "NOW",
          value: (it) => (it.state === "gone" ? "gone" : (it.status?.toLowerCase() ?? "here")),
          style: (it) => (it.state === "gone" ? context.terminal.dim : undefined),
        },
        { title: "CAUSE", value: formatCause },
      ],
      rows,
    ),
  );
}
