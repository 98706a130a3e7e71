import { registryName } from "@tallyman/domain/registry/registry";
import { type Blocked, Use, UsesPage } from "../api/usage-answers.ts";
import { type Collected, collect, show } from "../collect.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { type ImageReference, parseImageReference } from "../image-reference.ts";
import { formatDigest, formatTime } from "../output/format.ts";
import { parseRegistry } from "../registries.ts";
import { imagesOf, withWholeDigest } from "../whole-digest.ts";

/** A use, and of which of the images that the name stands for. */
type Found = Use & { readonly of: string };
type NotKnown = { readonly unread: readonly string[]; readonly doubts: readonly Blocked[] };

/** `tallyman where <image>` */
export async function showWhere(
  context: Context,
  name: string,
  options: { readonly registry?: string },
): Promise<void> {
  const named = parseImageReference(name);
  const registry = options.registry === undefined ? named.registry : parseRegistry(options.registry);
  if (options.registry !== undefined && named.repository === undefined)
    throw new UsageError("--registry needs a repository: write repository:tag.");
  const digests = await digestsOf(context, { ...named, ...(registry && { registry }) });
  const notKnown = new Map<string, NotKnown>();
  const uses = await collect(context, "uses", usesOf(context, digests, notKnown));
  const unread = [...new Set([...notKnown.values()].flatMap((it) => it.unread))];
  const doubts = [...notKnown.values()].flatMap((it) => it.doubts);
  const about = { digests, unread, doubts };
  showUses(context, { ...uses, about });
  if (context.json) return;
  tellNotKnown(context, { unread, doubts });
  const reasons = uses.items.flatMap(({ inspected }) => inspected?.unknown ?? []);
  for (const reason of new Set(reasons)) context.terminal.note(`Inspector named no clusters: ${reason}`);
}

/** What the name stands for: a tag may point to different images in different registries. */
async function digestsOf(context: Context, reference: ImageReference): Promise<readonly string[]> {
  const { repository, tag, digest, registry } = await withWholeDigest(context, reference);
  if (digest !== undefined) return [digest];
  if (repository === undefined) throw new UsageError("Write repository:tag, repository@digest or a digest.");
  const digests = new Set<string>();
  for await (const image of imagesOf(context, { repository, tag, registry })) digests.add(image.digest);
  return [...digests];
}

async function* usesOf(
  context: Context,
  digests: readonly string[],
  notKnown: Map<string, NotKnown>,
): AsyncIterable<Found> {
  for (const of of digests) {
    const path = `/api/v1/images/${of}/usage`;
    const found = context.api.list(Use, path, {}, (page) => {
      const { unread, doubts } = UsesPage.parse(page);
      notKnown.set(of, { unread, doubts });
    });
    for await (const use of found) yield { of, ...use };
  }
}

function showUses(context: Context, uses: Collected<Found>): void {
  const { wide, terminal } = context;
  show(context, "uses", uses, (rows) =>
    terminal.table<Found>(
      [
        { title: "ACCOUNT", value: (it) => it.account },
        { title: "CLUSTER", value: clusterOf },
        { title: "SERVICE", value: serviceOf },
        { title: "USES", value: (it) => whatOf(it, wide) },
        { title: "AS", value: (it) => it.kinds.join(", ") },
        { title: "SOURCE", value: (it) => it.source },
        { title: "FIRST SEEN", value: (it) => formatTime(it.firstSeen) },
        {
          title: "LAST SEEN",
          value: (it) => `${formatTime(it.lastSeen)}${it.endedAt === undefined ? "" : " (ended)"}`,
        },
      ],
      rows,
    ),
  );
}

/** `the tag prod/web:1.4`, `sha256:0123... (platform)` */
function whatOf({ via, digest, tag }: Use, wide: boolean): string {
  if (tag !== undefined) return `the tag ${tag.repository}:${tag.tag}`;
  return `${formatDigest(digest, wide)}${via === "digest" ? "" : ` (${via})`}`;
}

/** Inspector is asked for the clusters of what it saw in use; there may be many. */
function clusterOf({ cluster, inspected }: Use): string {
  if (inspected === undefined) return cluster || "-";
  const names = inspected.clusters.map(({ clusterArn }) => clusterArn.slice(clusterArn.indexOf("/") + 1));
  return inspected.unknown === undefined ? firstOf(names, inspected.complete) : "not known";
}

function serviceOf({ service, inspected }: Use): string {
  if (inspected === undefined || inspected.unknown !== undefined) return service;
  return firstOf(
    inspected.clusters.flatMap(({ workloads }) => workloads),
    inspected.complete,
  );
}

function firstOf(all: readonly string[], complete: boolean): string {
  const names = [...new Set(all)];
  const more = names.length > FEW || !complete ? ", ..." : "";
  return `${names.slice(0, FEW).join(", ") || "-"}${more}`;
}

const FEW = 5;

function tellNotKnown({ terminal }: Context, { unread, doubts }: NotKnown): void {
  for (const digest of unread.slice(0, FEW))
    terminal.note(`the manifest of ${digest} is not known: what is bound to it may be used, too`);
  for (const { repository, account, region, doubts: reasons } of doubts) {
    const where = `${repository} of ${registryName({ account, region })}`;
    for (const { reason } of reasons.slice(0, FEW))
      terminal.note(`not all of what runs of ${where} is known: ${reason}`);
  }
  if (doubts.length > 0) terminal.note('"tallyman usage status" says what would end that');
}
