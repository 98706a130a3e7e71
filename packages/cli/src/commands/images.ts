import { compareImages, IMAGE_ORDERS } from "@tallyman/domain/listing/select-images";
import { registryName } from "@tallyman/domain/registry/registry";
import { Image, type Page, Repository } from "../api/answers.ts";
import type { Query } from "../api/client.ts";
import { collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { mergedFromEach } from "../merged.ts";
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
  const { found, asOf } = sourceOf(context, name, options);
  const listed = await collect(context, "images", options.gone === true ? found : onlyPresent(found));
  const oldest = asOf().toSorted()[0];
  const about = oldest === undefined ? {} : { asOf: oldest };
  show(context, "images", { ...listed, about }, (rows) =>
    context.terminal.table(columns(context, options), rows),
  );
  if (oldest !== undefined && !context.json) context.terminal.note(`as of ${formatTime(oldest)}`);
}

/** `asOf`: when the listings that were read so far were written, where it is listings that answer. */
type Source = { readonly found: AsyncIterable<Image>; readonly asOf: () => readonly string[] };

function sourceOf(context: Context, name: string | undefined, options: ImagesOptions): Source {
  if (name === undefined || selectionOf(options) === undefined)
    return { found: recorded(context, name, options), asOf: () => [] };
  const times: string[] = [];
  const found = listed(context, name, { ...options, onListing: (asOf) => times.push(asOf) });
  return { found, asOf: () => times };
}

/** From the listings of a repository in each registry, in one order. */
async function* listed(
  context: Context,
  name: string,
  options: ImagesOptions & { readonly onListing: (asOf: string) => void },
): AsyncIterable<Image> {
  if (options.gone === true || options.digest !== undefined) throw new UsageError(LISTED_ALONE);
  const reference = { ...parseReference(name, options.tag), ...selectionOf(options) };
  const sort = IMAGE_ORDERS.find((it) => it === options.sort) ?? "pushed";
  const order = options.order === "ascending" ? "ascending" : "descending";
  const onPage = ({ asOf }: Page) => {
    if (typeof asOf === "string") options.onListing(asOf);
  };
  yield* mergedFromEach(
    await chosenRegistries(context, options.registry),
    ({ account, region }) =>
      context.api.list(Image, "/api/v1/images", { account, region, ...reference }, onPage),
    compareImages({ sort, order }),
  );
}

const LISTED_ALONE = "--sort, --order, --tag-glob and --status need a repository, and go without --gone.";

function recorded(context: Context, name: string | undefined, options: ImagesOptions): AsyncIterable<Image> {
  if (selectionOf(options) !== undefined) throw new UsageError(LISTED_ALONE);
  if (options.digest !== undefined) {
    if (name !== undefined || options.tag !== undefined)
      throw new UsageError("Give either --digest or a repository, not both.");
    return context.api.list(
      Image,
      `/api/v1/images/${encodeURIComponent(options.digest).replace("%3A", ":")}`,
    );
  }
  if (name !== undefined) {
    return ofRepository(context, parseReference(name, options.tag), options.registry);
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
  reference: Reference,
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
