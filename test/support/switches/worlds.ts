import { DEFAULT_SWITCHES, Switches } from "@tallyman/registry/core/switches";

/** Tried by a test of its own: a registry that throttles would hold up what these worlds do. */
export const TRIED_ELSEWHERE: readonly (keyof Switches)[] = ["requestRates"];

/** Among them they have each value of each switch; three worlds, for some have three values. What is not given is as by default. */
export const WORLDS: Readonly<Record<string, Partial<Switches>>> = {
  standard: {},
  // Tells all that it can, and takes all that it can.
  talkative: {
    expiryEvents: true,
    repositoryDeleteEvents: true,
    untaggedPushTag: "absent",
    repushEvents: true,
    referrerEvents: "both",
    replicationFailureEvents: true,
    reactivationEvents: true,
    layerPartSize: "20MiB",
    maxReplicationRules: "25",
    archiveIndexedImages: true,
    archiveChildrenWithIndex: true,
    archiveActivatingImages: true,
    deletionOrder: "parentsFirst",
    exclusionFilterMatch: "part",
    deleteBlobs: false,
    ageUnit: "wholeDays",
    oneUntaggedRulePer: "storageClassAndAction",
    indexChildren: "ranked",
    followWithoutPolicy: true,
    selectReferrers: true,
    headMovesPullTime: true,
  },
  // Tells as little as it can, refuses what it can, and leaves the OCI specification where ECR was seen to.
  silent: {
    untagEvents: false,
    deleteEventsPer: "image",
    untaggedPushEvents: false,
    pushMediaTypes: false,
    retagEvents: false,
    referrerEvents: "image",
    serviceEventRules: "allManagementEvents",
    downloadUrlLife: "15m",
    maxLayerPart: "10MiB",
    repositoryNameStart: "letter",
    immutableRepush: "refused",
    archivedImageFailure: "ImageNotFound",
    tagOfArchivedImage: "kept",
    artifactMediaType: "artifactType",
    deletionOrder: "indexedStay",
    subjectMustExist: true,
    statusWithoutReplication: "refused",
    immutableTagStatus: "405",
    strictEcr: true,
    deleteByTag: false,
    catalogPaging: false,
    referrersPaging: false,
    referrersFilterHeader: false,
    uploadStatus: false,
    uploadCancel: false,
    directBlobs: "small",
    missingContent: "MANIFEST_BLOB_UNKNOWN",
    uploadStartHeaders: false,
    acceptExplicitStandard: false,
    ageLimit: "reached",
    ageUnit: "wholeDays",
    shieldAcrossStorageClasses: true,
    uniqueTags: "entry",
    previewLife: "1h",
  },
};

export function switchesOf(world: string): Switches {
  return { ...DEFAULT_SWITCHES, ...WORLDS[world] };
}

/** Each switch with each of its values, by the registry's own table. */
export function allValues(): readonly (readonly [name: keyof Switches, value: unknown])[] {
  return Object.entries(Switches.shape).flatMap(([name, schema]) => {
    const inner = schema.unwrap();
    const values: readonly unknown[] = "options" in inner ? inner.options : [false, true];
    return values.map((value) => [name as keyof Switches, value] as const);
  });
}
