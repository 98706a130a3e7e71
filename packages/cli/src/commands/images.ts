import { registryName } from "@tallyman/domain/registry/registry";
import { Image, Repository } from "../api/answers.ts";
import type { Query } from "../api/client.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { formatBytes, formatDigest, formatMediaType, formatTime } from "../output/format.ts";
import type { Column } from "../output/table.ts";
import { parseReference, type Reference } from "../reference.ts";
import { chosenRegistries, fromEach, parseRegistry } from "../registries.ts";

export type ImagesOptions = {
  readonly registry?: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly gone?: boolean;
  readonly sort?: string;
  readonly order?: string;
  readonly tagGlob?: string;
  readonly status?: string;
};

/** `tallyman images [repository[:tag]]` */
export async function listImages(
  context: Context,
  name: string | undefined,
  options: ImagesOptions,
): Promise<void> {
  const found = sourceOf(context, name, options);
  const listed = await collect(context, "images", options.gone === true ? found : onlyPresent(found));
  show(context, "images", listed, (rows) => context.terminal.table(columns(context, options), rows));
}

function sourceOf(context: Context, name: string | undefined, options: ImagesOptions): AsyncIterable<Image> {
  const selection = selectionOf(options);
  if (selection !== undefined && (name === undefined || options.gone === true))
    throw new UsageError(
      "--sort, --order, --tag-glob and --status need a repository, and go without --gone.",
    );
  if (options.digest !== undefined) {
    if (name !== undefined || options.tag !== undefined)
      throw new UsageError("Give either --digest or a repository, not both.");
    return context.api.list(
      Image,
      `/api/v1/images/${encodeURIComponent(options.digest).replace("%3A", ":")}`,
    );
  }
  if (name !== undefined) {
    const query = { ...parseReference(name, options.tag), ...selection };
    return ofRepository(context, query, options.registry);
  }
  if (options.tag !== undefined) throw new UsageError("--tag needs a repository.");
  return ofEveryRepository(context, options.registry);
}

/** What has the API answer from a repository's listing; `undefined`: nothing of the kind is asked for. */
function selectionOf({ sort, order, tagGlob, status }: ImagesOptions): Query | undefined {
  if ([sort, order, tagGlob, status].every((it) => it === undefined)) return undefined;
  return { sort, order, tagGlob, status: status?.toUpperCase() };
}

async function* ofRepository(
  context: Context,
  reference: Reference & Query,
  named: string | undefined,
): AsyncIterable<Image> {
  const registries = await chosenRegistries(context, named);
  yield* fromEach(registries, ({ account, region }) =>
    context.api.list(Image, "/api/v1/images", { account, region, ...reference }),
  );
}

async function* ofEveryRepository(context: Context, named: string | undefined): AsyncIterable<Image> {
  const only = named === undefined ? undefined : registryName(parseRegistry(named));
  for await (const it of context.api.list(Repository, "/api/v1/repositories")) {
    if (only !== undefined && registryName(it) !== only) continue;
    const { account, region, repository } = it;
    context.terminal.progress(`${account}/${region} ${repository} ...`);
    yield* context.api.list(Image, "/api/v1/images", { account, region, repository });
  }
}

async function* onlyPresent(images: AsyncIterable<Image>): AsyncIterable<Image> {
  for await (const image of images) if (image.state === "open") yield image;
}

function columns({ wide, terminal }: Context, { sort }: ImagesOptions): readonly Column<Image>[] {
  const gone = (image: Image) => (image.state === "open" ? undefined : terminal.dim);
  return [
    { title: "REGISTRY", value: registryName, style: gone },
    { title: "REPOSITORY", value: (it) => it.repository, style: gone },
    { title: "DIGEST", value: (it) => formatDigest(it.digest, wide), style: gone },
    {
      title: "TYPE",
      value: (it) => (wide ? (it.mediaType ?? "-") : formatMediaType(it.mediaType)),
      style: gone,
    },
    { title: "SIZE", value: (it) => formatBytes(it.size), align: "right", style: gone },
    { title: "PUSHED", value: (it) => formatTime(it.pushedAt), style: gone },
    ...(sort === "pulled" || wide
      ? [{ title: "PULLED", value: (it: Image) => formatTime(it.lastPulledAt), style: gone }]
      : []),
    { title: "STATE", value: (it) => (it.state === "open" ? it.status.toLowerCase() : "gone"), style: gone },
    { title: "TAGS", value: (it) => it.tags.join(", ") || "-" },
  ];
}
