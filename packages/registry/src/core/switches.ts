import * as z from "zod";

/**
 * Where AWS documents nothing about its registry, or its documents disagree: each is a named switch, with what is most
 * likely so as its default. Whoever depends on one is tested with both. `SWITCHES.md` lists them all, with those of lifecycle
 * policies (`lifecycle-settings.ts`); a test holds the list.
 */
export const Switches = z.strictObject({
  // Events.

  /** E1. Whether an image that a lifecycle policy expired also is a DELETE event; documented is the CloudTrail event alone. */
  expiryEvents: z.boolean().default(false),
  /** E2. Whether a tag that goes while its image stays is a DELETE event. */
  untagEvents: z.boolean().default(true),
  /** E2. An image that goes with its tags is one DELETE event for each `tag`, or one for the `image`, without a tag. */
  deleteEventsPer: z.enum(["tag", "image"]).default("tag"),
  /** E3. Whether images that go with their repository are DELETE events. */
  repositoryDeleteEvents: z.boolean().default(false),
  /** E4. Whether a manifest that comes without a tag, such as an index's child, is a PUSH event. */
  untaggedPushEvents: z.boolean().default(true),
  /** E5. Whether another tag on an image that is there is a PUSH event. */
  retagEvents: z.boolean().default(true),
  /** E5. Whether an image that is pushed again just as it is there is a PUSH event; nothing of it changes. */
  repushEvents: z.boolean().default(false),
  /** E7. What a manifest with a subject is: an `ECR Referrer Action`, an `ECR Image Action`, or one of each. */
  referrerEvents: z.enum(["referrer", "image", "both"]).default("referrer"),
  /** E9. Whether a replication that failed is a Replication Action with the result FAILED; otherwise the image's status alone tells. */
  replicationFailureEvents: z.boolean().default(false),
  /** E12. Whether an archived image that is pushed again is an UPDATE_STORAGE_CLASS event besides its PUSH. */
  reactivationEvents: z.boolean().default(false),

  /**
   * E13. Which rules hear of what ECR did by itself (PolicyExecutionEvent, DryRunEvent, ImageActivationEvent), which AWS marks
   * `readOnly`: every `enabled` one, or only those that ask for `allManagementEvents`.
   */
  serviceEventRules: z.enum(["enabled", "allManagementEvents"]).default("enabled"),

  // The API.

  /** A1. The part size that InitiateLayerUpload asks for. */
  layerPartSize: z.enum(["10MiB", "20MiB"]).default("10MiB"),
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

  // `/v2`.

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
});
export type Switches = Readonly<z.infer<typeof Switches>>;

/** Values are checked where they are set. */
export type SwitchChanges = { readonly [Name in keyof Switches]?: unknown };

export const DEFAULT_SWITCHES: Switches = Switches.parse({});

/** The switches of one registry: set when it is opened, and again while it runs. */
export class SwitchBoard {
  readonly #opened: Switches;
  #current: Switches;

  /** Throws a ZodError for what is no switch, or none of its values. */
  constructor(opened: Partial<Switches> = {}) {
    this.#opened = Switches.parse(opened);
    this.#current = this.#opened;
  }

  get current(): Switches {
    return this.#current;
  }

  /** Throws a ZodError for what is no switch, or none of its values. */
  set(changes: SwitchChanges): void {
    this.#current = Switches.parse({ ...this.#current, ...changes });
  }

  restore(): void {
    this.#current = this.#opened;
  }
}
