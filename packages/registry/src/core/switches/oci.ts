import * as z from "zod";

/** What `/v2` takes and answers. */
export const OCI_SWITCHES = {
  /**
   * 7. Whether `/v2` does what ECR was seen to do unlike the OCI specification: blobs by redirect to a signed URL, only when
   * an image has them; no digest header on a manifest's GET; a Range that stays at the first chunk; tags in no order with an
   * opaque `last`; no DELETE of blobs; 405 for a manifest that is too large.
   */
  strictEcr: z.boolean().default(false),
  /** O1. The status of a push to an immutable tag. */
  immutableTagStatus: z.enum(["400", "405"]).default("400"),
  /** O2. Whether a manifest can be deleted by tag; if not, 404. */
  deleteByTag: z.boolean().default(true),
  /** O2. Whether a blob that no image has can be deleted; if not, 405. Never with `strictEcr`. */
  deleteBlobs: z.boolean().default(true),
  /** O3. Whether a page of `_catalog` links to the next. */
  catalogPaging: z.boolean().default(true),
  /** O4. Whether a long list of referrers comes in pages, by `Link`. */
  referrersPaging: z.boolean().default(true),
  /** O4. Whether a filtered list of referrers says so (`OCI-Filters-Applied`); clients then do not filter themselves. */
  referrersFilterHeader: z.boolean().default(true),
  /** O5. Whether GET shows how far an upload is; if not, 405. */
  uploadStatus: z.boolean().default(true),
  /** O5. Whether DELETE gives an upload up; if not, 405. */
  uploadCancel: z.boolean().default(true),
  /** O6. Which blobs `strictEcr` serves without a redirect: none, or those up to 4 KiB, as configs are. */
  directBlobs: z.enum(["none", "small"]).default("none"),
  /** O7. What a manifest gets whose layers or children are missing: 405 UNSUPPORTED, or 404 MANIFEST_BLOB_UNKNOWN. */
  missingContent: z.enum(["UNSUPPORTED", "MANIFEST_BLOB_UNKNOWN"]).default("UNSUPPORTED"),
  /** O8. Whether the answer to an upload's POST has `Docker-Upload-UUID` and `Range` besides its `Location`. */
  uploadStartHeaders: z.boolean().default(true),
  /** 7.2. Whether HEAD of a manifest is a pull, as it is authorised like one; clients also send it before they push. */
  headMovesPullTime: z.boolean().default(false),
};
