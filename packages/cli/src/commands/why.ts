import { Story } from "../api/history-answers.ts";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";
import { parseImageReference } from "../image-reference.ts";
import { tellStory } from "../output/story.ts";
import { parseRegistry } from "../registries.ts";
import { withWholeDigest } from "../whole-digest.ts";

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
