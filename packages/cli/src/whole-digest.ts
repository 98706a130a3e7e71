import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { Image } from "./api/answers.ts";
import type { Context } from "./context.ts";
import { CommandError, UsageError } from "./errors.ts";
import type { ImageReference } from "./image-reference.ts";
import { chosenRegistries, fromEach } from "./registries.ts";

const WHOLE = "sha256:".length + 64;

/** A digest that was cut short is looked up among the images of its repository. */
export async function withWholeDigest(context: Context, reference: ImageReference): Promise<ImageReference> {
  const { registry, repository, digest } = reference;
  if (digest === undefined || digest.length === WHOLE) return reference;
  if (repository === undefined)
    throw new UsageError(`Write all of ${digest}, or the repository with it: prod/web@${digest}.`);
  const found = new Set<string>();
  for await (const image of imagesOf(context, { repository, registry }))
    if (image.digest.startsWith(digest)) found.add(image.digest);
  const [whole, ...others] = found;
  if (whole === undefined) throw new CommandError(`No image of ${repository} begins with ${digest}.`);
  if (others.length > 0)
    throw new UsageError(
      `${digest} is the beginning of several: ${[...found].join(", ")}. Write more of it.`,
    );
  return { ...reference, digest: whole };
}

type ImagesOf = {
  readonly repository: string;
  readonly tag?: string | undefined;
  /** All that are declared when absent. */
  readonly registry: Registry | undefined;
};

export async function* imagesOf(context: Context, { repository, tag, registry }: ImagesOf) {
  const registries = await chosenRegistries(context, registry && registryName(registry));
  yield* fromEach(registries, ({ account, region }) =>
    context.api.list(Image, "/api/v1/images", { account, region, repository, tag }),
  );
}
