import { hash } from "node:crypto";

/** A manifest and what DescribeImages says of it. The same place gives the same image, always. */
export type SyntheticImage = {
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: string;
  readonly tags: readonly string[];
  readonly size: number;
  readonly pushedAt: Date;
};

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** A registry's base images, from which its repositories start, and the layers of each. */
const BASES = 20;
const BASE_LAYERS = 5;
/** Layers that a repository's images share until its dependencies change. */
const SHARED_LAYERS = 3;
const SHARED_FOR = 50;
/** Layers that an image has alone. */
const OWN_LAYERS = 2;

/** Every hundredth image is an index of the two before it. */
const INDEX_EVERY = 100;

const FIRST_PUSH = Date.parse("2025-01-01T00:00:00.000Z");
const MINUTE = 60_000;

/** Image `number` of repository `repository`: ten layers, one or two tags (1.5 on average). */
export function syntheticImage(repository: number, number: number): SyntheticImage {
  const isIndex = number % INDEX_EVERY === INDEX_EVERY - 1;
  const layers = isIndex ? [] : layersOf(repository, number);
  const manifest = isIndex ? indexOf(repository, number) : imageOf(repository, number);
  return {
    digest: digestOf(manifest),
    mediaType: isIndex ? INDEX : IMAGE,
    manifest,
    // Indexes break the rule of `policy.ts`: one open violation in a hundred images.
    tags: [
      isIndex ? `snapshot-${number}` : `1.${number}.0`,
      ...(number % 2 === 0 ? [`build-${number}`] : []),
    ],
    size: layers.reduce((sum, { size }) => sum + size, 0),
    pushedAt: new Date(FIRST_PUSH + number * MINUTE),
  };
}

function imageOf(repository: number, number: number): string {
  const config = {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: digestOf(`config ${repository} ${number}`),
    size: 7023,
  };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config,
    layers: layersOf(repository, number),
  });
}

function indexOf(repository: number, number: number): string {
  const manifests = ["amd64", "arm64"].map((architecture, place) => {
    const child = imageOf(repository, number - 1 - place);
    const platform = { os: "linux", architecture };
    return { mediaType: IMAGE, digest: digestOf(child), size: child.length, platform };
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
}

function layersOf(repository: number, number: number) {
  const base = repository % BASES;
  const dependencies = `${repository} ${Math.floor(number / SHARED_FOR)}`;
  return [
    ...shared(BASE_LAYERS, `base ${base}`, 20_000_000),
    ...shared(SHARED_LAYERS, `dependencies ${dependencies}`, 8_000_000),
    ...named(OWN_LAYERS, `own ${repository} ${number}`, 500_000),
  ];
}

/** What many images name is made once, and forgotten in time: making things up must not be what is measured. */
const made = new Map<string, ReturnType<typeof named>>();
const REMEMBERED = 200;

function shared(count: number, seed: string, size: number): ReturnType<typeof named> {
  const layers = made.get(seed) ?? named(count, seed, size);
  if (made.size >= REMEMBERED) made.clear();
  made.set(seed, layers);
  return layers;
}

function named(count: number, seed: string, size: number) {
  return Array.from({ length: count }, (_, place) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: digestOf(`${seed} ${place}`),
    size: size + place,
  }));
}

function digestOf(text: string): string {
  return `sha256:${hash("sha256", text)}`;
}
