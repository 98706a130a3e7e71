import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anImage, anIndex, type BuiltManifest } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

/**
 * The rules of tags and deletion once more, written without the implementation: a map of images, each with its tags.
 * Random operations go to the real registry and to this, and both must say and show the same.
 */
type ModelImage = { readonly tags: Set<string>; archived: boolean };
type Model = { readonly images: Map<string, ModelImage> };
type Reference = { readonly imageDigest?: string; readonly imageTag?: string };

const [a, b, c] = [anImage(["a"]), anImage(["b"]), anImage(["c"])];
const index = anIndex([a, b]);
const lost = anImage(["never pushed"]);
const MANIFESTS = [a, b, c, index, index, lost]; // The index twice: its rules need it to be there.
const TAGS = ["1", "2", "3"];
const FIXED = "release";

function modelFind(model: Model, { imageDigest, imageTag }: Reference): string | undefined {
  const tagged = [...model.images].find(
    ([, image]) => imageTag !== undefined && image.tags.has(imageTag),
  )?.[0];
  const digest = imageDigest ?? tagged;
  const agrees = imageTag === undefined || tagged === digest;
  return digest !== undefined && agrees && model.images.has(digest) ? digest : undefined;
}

function modelPut(model: Model, image: BuiltManifest, tag: string | undefined): string {
  const known = model.images.get(image.digest);
  if (known && !known.archived && (tag === undefined || known.tags.has(tag)))
    return "ImageAlreadyExistsException";
  const holder = [...model.images.values()].find((it) => tag !== undefined && it.tags.has(tag));
  if (tag === FIXED && holder !== undefined && holder !== known) return "ImageTagAlreadyExistsException";
  if (!known && image === lost) return "LayersNotFoundException";
  const childless = !known && image === index && !(model.images.has(a.digest) && model.images.has(b.digest));
  if (childless) return "ReferencedImagesNotFoundException";
  const stored = known ?? { tags: new Set<string>(), archived: false };
  stored.archived = false;
  model.images.set(image.digest, stored);
  if (tag !== undefined) {
    holder?.tags.delete(tag);
    stored.tags.add(tag);
  }
  return "ok";
}

function modelDelete(model: Model, reference: Reference): string {
  const digest = modelFind(model, reference);
  const image = digest === undefined ? undefined : model.images.get(digest);
  if (digest === undefined || image === undefined) return "failed";
  if (reference.imageTag !== undefined && image.tags.size > 1) {
    image.tags.delete(reference.imageTag);
    return "untagged";
  }
  if ((digest === a.digest || digest === b.digest) && model.images.has(index.digest)) return "failed";
  model.images.delete(digest);
  return "deleted";
}

function modelArchive(model: Model, { digest, archived }: { digest: string; archived: boolean }): string {
  const image = model.images.get(digest);
  if (!image) return "ImageNotFoundException";
  const parent = digest === a.digest || digest === b.digest ? model.images.get(index.digest) : undefined;
  if (archived && !image.archived && parent && !parent.archived)
    return "ImageStorageClassUpdateNotSupportedException";
  image.archived = archived;
  return archived ? "archived" : "restored";
}

type Operation =
  | { readonly kind: "put"; readonly image: BuiltManifest; readonly tag: string | undefined }
  | { readonly kind: "delete"; readonly reference: Reference }
  | { readonly kind: "archive"; readonly digest: string; readonly archived: boolean };

const manifest = fc.constantFrom(...MANIFESTS);
const tag = fc.constantFrom(...TAGS, FIXED);
const digest = manifest.map((image) => image.digest);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      image: manifest,
      tag: fc.option(tag, { nil: undefined }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("delete" as const),
      reference: fc.oneof(
        fc.record({ imageTag: tag }),
        fc.record({ imageDigest: digest }),
        fc.record({ imageTag: tag, imageDigest: digest }),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("archive" as const), digest, archived: fc.boolean() }),
  },
);

function applyToModel(model: Model, step: Operation): string {
  if (step.kind === "put") return modelPut(model, step.image, step.tag);
  if (step.kind === "delete") return modelDelete(model, step.reference);
  return modelArchive(model, step);
}

async function applyToRegistry(
  client: RegistryClient,
  repositoryName: string,
  step: Operation,
): Promise<string> {
  if (step.kind === "put") {
    const input = { repositoryName, imageManifest: String(step.image.bytes), imageTag: step.tag };
    const { status, body } = await client.api("PutImage", input);
    return status === 200 ? "ok" : String(body["__type"]);
  }
  if (step.kind === "delete") {
    const { body } = await client.api("BatchDeleteImage", { repositoryName, imageIds: [step.reference] });
    const [gone] = body["imageIds"] as unknown as Reference[];
    if (gone?.imageDigest === undefined) return "failed";
    const { status } = await client.api("DescribeImages", {
      repositoryName,
      imageIds: [{ imageDigest: gone.imageDigest }],
    });
    return status === 200 ? "untagged" : "deleted";
  }
  const imageId = { imageDigest: step.digest };
  const targetStorageClass = step.archived ? "ARCHIVE" : "STANDARD";
  const { status, body } = await client.api("UpdateImageStorageClass", {
    repositoryName,
    imageId,
    targetStorageClass,
  });
  if (status !== 200) return String(body["__type"]);
  return body["imageStatus"] === ("ARCHIVED" as unknown) ? "archived" : "restored";
}

async function registryState(client: RegistryClient, repositoryName: string): Promise<unknown> {
  const filter = { imageStatus: "ANY" };
  const { body } = await client.api("DescribeImages", { repositoryName, filter });
  type Detail = { imageDigest: string; imageTags?: string[]; imageStatus: string };
  const details = body["imageDetails"] as unknown as Detail[];
  return Object.fromEntries(
    details.map((it) => [
      it.imageDigest,
      { tags: it.imageTags ?? [], archived: it.imageStatus === "ARCHIVED" },
    ]),
  );
}

function modelState(model: Model): unknown {
  return Object.fromEntries(
    [...model.images].map(([key, { tags, archived }]) => [key, { tags: [...tags].toSorted(), archived }]),
  );
}

let server: RegistryServer;
let client: RegistryClient;
beforeAll(async () => {
  server = await startRegistryServer({ limits: { restoreDuration: 0 } });
  client = clientOf(server);
});
afterAll(() => server.close());

test("any sequence of puts, deletions and archivings ends as the rules say", {
  timeout: 120_000,
}, async () => {
  const outcomes = new Map<string, number>();
  let repositories = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 40, size: "max" }), async (steps) => {
      const repositoryName = `model-${repositories++}`;
      await client.api("CreateRepository", {
        repositoryName,
        imageTagMutability: "MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: FIXED }],
      });
      for (const blob of [a, b, c].flatMap((image) => image.blobs))
        await client.pushBlob(repositoryName, blob);
      const model: Model = { images: new Map() };
      for (const step of steps) {
        const expected = applyToModel(model, step);
        expect(await applyToRegistry(client, repositoryName, step)).toBe(expected);
        expect(await registryState(client, repositoryName)).toEqual(modelState(model));
        outcomes.set(expected, (outcomes.get(expected) ?? 0) + 1);
      }
    }),
    { numRuns: 60 },
  );
  // A generator that never reaches a rule proves nothing about it.
  const reached = [
    "ok",
    "untagged",
    "deleted",
    "failed",
    "archived",
    "restored",
    "ImageAlreadyExistsException",
    "ImageTagAlreadyExistsException",
    "LayersNotFoundException",
    "ReferencedImagesNotFoundException",
    "ImageStorageClassUpdateNotSupportedException",
    "ImageNotFoundException",
  ];
  for (const outcome of reached) expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(0);
});
