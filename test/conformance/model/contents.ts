import {
  anImage,
  anIndex,
  type BuiltManifest,
  OCI_CONFIG,
  OCI_MANIFEST,
  sha256,
} from "@tallyman/registry/testing/image-builder";

/** What can be pushed: real manifests, few of them, so that they meet again and again. */
export type Content = {
  readonly name: string;
  readonly built: BuiltManifest;
  /** Names of the contents that an index lists. */
  readonly children: readonly string[];
  /** The content that this one is about. */
  readonly subject?: string;
  /** A layer of it is never uploaded. */
  readonly layerless?: true;
};

const IMAGES: readonly Content[] = ["red", "green", "blue"].map((name) => ({
  name,
  built: image(name),
  children: [],
}));

export const CONTENTS: readonly Content[] = [
  ...IMAGES,
  index("red+green", ["red", "green"]),
  index("green+blue", ["green", "blue"]),
  referrer("signature of red", "red"),
  referrer("sbom of red+green", "red+green"),
  { name: "lost", built: anImage(["never uploaded"]), children: [], layerless: true },
];

/** The content of that name; throws when there is none. */
export function contentOf(name: string): Content {
  const found = CONTENTS.find((content) => content.name === name);
  if (found === undefined) throw new Error(`no content ${name}`);
  return found;
}

export function digestOf(name: string): string {
  return contentOf(name).built.digest;
}

/** Every blob that is uploaded, once: what they need, but for those that are to lack one. */
export function allBlobs(): readonly Buffer[] {
  const blobs = CONTENTS.filter(({ layerless }) => !layerless).flatMap(({ built }) => built.blobs);
  return [...new Map(blobs.map((blob) => [sha256(blob), blob])).values()];
}

/** All of one layer: every repository has to have the blobs uploaded, which takes the disk longer than all the rest. */
function image(name: string): BuiltManifest {
  return anImage(["layer"], { annotations: { name } });
}

function index(name: string, children: readonly string[]): Content {
  const images = children.map((child) => IMAGES.find((image) => image.name === child)?.built ?? anImage([]));
  return { name, built: anIndex(images), children };
}

function referrer(name: string, subject: string): Content {
  const about = subject === "red" ? image("red") : anIndex([image("red"), image("green")]);
  const [config = Buffer.from("{}")] = image("red").blobs;
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: "application/vnd.example.note",
    config: { mediaType: OCI_CONFIG, digest: sha256(config), size: config.byteLength },
    layers: [],
    subject: { mediaType: about.mediaType, digest: about.digest, size: about.bytes.byteLength },
  });
  const bytes = Buffer.from(text);
  return {
    name,
    built: { bytes, digest: sha256(bytes), mediaType: OCI_MANIFEST, blobs: [config] },
    children: [],
    subject,
  };
}
