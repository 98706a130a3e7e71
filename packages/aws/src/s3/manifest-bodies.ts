import type { ManifestBodies } from "../dynamodb/manifest-store.ts";
import type { Bucket } from "./bucket.ts";

/** Manifests' bytes under `manifests/<digest>`: content-addressed, so what is there already is the same. */
export function s3ManifestBodies(bucket: Bucket): ManifestBodies {
  return {
    async putBody(digest, mediaType, bytes) {
      await bucket.putNew(`manifests/${digest}`, mediaType, bytes);
    },
    getBody: (digest) => bucket.get(`manifests/${digest}`),
  };
}
