import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { Image } from "../api/answers.ts";
import { Story } from "../api/history-answers.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { type ImageReference, parseImageReference } from "../image-reference.ts";
import { tellStory } from "../output/story.ts";
import { chosenRegistries, fromEach, parseRegistry } from "../registries.ts";

/** `tallyman why <image>`: is it here, since when, under which tags, what happened to it. */
export async function tellWhy(
  context: Context,
  name: string,
  options: { readonly registry?: string },
): Promise<void> {
  const named = parseImageReference(name);
  const registry = options.registry === undefined ? named.registry : parseRegistry(options.registry);
  if (registry !== undefined && named.repository === undefined)
    throw new UsageError("--registry needs a repository: write repository@sha256:...");
  const asked = await withWholeDigest(context, { ...named, ...(registry && { registry }) });
  const { repository, tag, digest } = asked;
  const story = await context.api.get(Story, "/api/v1/why", { ...registry, repository, tag, digest });
  if (context.json) context.terminal.json(story);
  else tellStory(context, name, story);
}

const WHOLE = "sha256:".length + 64;

/** A digest that was cut short is looked up among the images of its repository. */
async function withWholeDigest(context: Context, reference: ImageReference): Promise<ImageReference> {
  const { registry, repository, digest } = reference;
  if (digest === undefined || digest.length === WHOLE) return reference;
  if (repository === undefined)
    throw new UsageError(`Write all of ${digest}, or the repository with it: prod/web@${digest}.`);
  const found = new Set<string>();
  for await (const image of imagesOf(context, repository, registry))
    if (image.digest.startsWith(digest)) found.add(image.digest);
  const [whole, ...others] = found;
  if (whole === undefined) throw new CommandError(`No image of ${repository} begins with ${digest}.`);
  if (others.length > 0)
    throw new UsageError(
      `${digest} is the beginning of several: ${[...found].join(", ")}. Write more of it.`,
    );
  return { ...reference, digest: whole };
}

async function* imagesOf(context: Context, repository: string, registry: Registry | undefined) {
  const named = registry && registryName(registry);
  const registries = await chosenRegistries(context, named);
  yield* fromEach(registries, ({ account, region }) =>
    context.api.list(Image, "/api/v1/images", { account, region, repository }),
  );
}
