import * as z from "zod";

/** What ECR's own API takes and answers. */
export const API_SWITCHES = {
  /** A1. The part size that InitiateLayerUpload asks for. */
  layerPartSize: z.enum(["10MiB", "20MiB"]).default("10MiB"),
  /** A2. How long a signed URL of a layer is good. */
  downloadUrlLife: z.enum(["1h", "15m"]).default("1h"),
  /** A3. The largest part that UploadLayerPart takes: the service model's bound, or the quota's. */
  maxLayerPart: z.enum(["20MiB", "10MiB"]).default("20MiB"),
  /** A4. How many rules a replication configuration can have: by the service model and quota table, or by the user guide. */
  maxReplicationRules: z.enum(["10", "25"]).default("10"),
  /**
   * A5. Whether calls that come faster than ECR's quotas are throttled (the burst is a second's worth): `none`; by its
   * `quotas`; or by these with an older page's 20 per second and burst of 200 for GetAuthorizationToken (`olderTokens`).
   */
  requestRates: z.enum(["none", "quotas", "olderTokens"]).default("none"),
  /** A6. Whether the name of a new repository may start with any letter or digit, as its pattern says, or with a letter only. */
  repositoryNameStart: z.enum(["any", "letter"]).default("any"),
  /** A7. What comes to an immutable tag that is already on that very image: its being there, or a refusal to move it. */
  immutableRepush: z.enum(["exists", "refused"]).default("exists"),
  /** A8. How BatchGetImage says that an image is archived. */
  archivedImageFailure: z.enum(["ImageInaccessible", "ImageNotFound"]).default("ImageInaccessible"),
  /** A9. Whether the child of an active index can be archived before its index. */
  archiveIndexedImages: z.boolean().default(false),
  /** A9. Whether an index that is archived takes with it the children that no other active index has. */
  archiveChildrenWithIndex: z.boolean().default(false),
  /** A9. Whether an image that is being restored can be archived, which ends its restore. */
  archiveActivatingImages: z.boolean().default(false),
  /** A10. A tag on an archived image moves to another image as from an active one, or is kept as if it were immutable. */
  tagOfArchivedImage: z.enum(["moves", "kept"]).default("moves"),
  /** A11. Whether `artifactMediaType` is the config's media type or the manifest's `artifactType`, where there are both. */
  artifactMediaType: z.enum(["config", "artifactType"]).default("config"),
  /**
   * A12. In which order BatchDeleteImage deletes: as `given`; `parentsFirst`, so that an index and its children go in one
   * call; or `indexedStay`: what an index had before the call stays.
   */
  deletionOrder: z.enum(["given", "parentsFirst", "indexedStay"]).default("given"),
  /** A13. Whether the subject of a manifest must be there before it. */
  subjectMustExist: z.boolean().default(false),
  /** A14. DescribeImageReplicationStatus of an image that no rule replicated: no statuses, or a ValidationException. */
  statusWithoutReplication: z.enum(["empty", "refused"]).default("empty"),
  /** A15. Whether a filter for tags must match the `whole` tag or any `part` of it. */
  exclusionFilterMatch: z.enum(["whole", "part"]).default("whole"),
};
