import { DeleteRepositoryCommand } from "@aws-sdk/client-ecr";
import type { Switches } from "@tallyman/registry/core/switches";
import type { PushedManifest } from "../registry-client.ts";
import type { Place } from "./place.ts";

/** What is done in a repository of its own: first what is there, long before, and then what happens. */
export type Step = {
  /** Steps of one place share a repository; otherwise each has its own. */
  readonly place?: string;
  /** Its repository is replicated. */
  readonly copied?: true;
  readonly settings?: object;
  readonly prepare?: (place: Place) => Promise<PushedManifest | undefined>;
  /** Given what was prepared. Answers with what a switch decides of it. */
  readonly act: (place: Place, prepared: PushedManifest) => Promise<unknown>;
  /**
   * Whether events tell of all that happened: always, unless this says when. Of what was deleted CloudTrail tells too, of
   * what lifecycle policies expired as well, so that no switch of ECR's own events hides it.
   */
  readonly told?: (switches: Switches) => boolean;
  /** What `act` answers. */
  readonly answers?: (switches: Switches) => unknown;
  /** How many images the registry has in the end, where a switch decides it. */
  readonly left?: (switches: Switches) => number;
};

const ARCHIVE = { type: "transition", targetStorageClass: "archive" };
const any = { tagStatus: "any" };
const older = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });
const newest = { countType: "imageCountMoreThan", countNumber: 1 };

async function pushAndArchive({ push, move }: Place) {
  const image = await push("1.0.0", "first");
  await move({ imageTag: "1.0.0" }, "ARCHIVE");
  return image;
}
async function pushTwice({ push }: Place) {
  await push("1.0.0", "first");
  return push("1.0.1", "first");
}
async function pushTwo({ push }: Place) {
  await push("1.0.0", "first");
  return push("1.0.1", "second");
}
async function pushMulti({ pushIndex }: Place) {
  return (await pushIndex("2.0.0")).index;
}

/** What happens to images, whichever way the registry tells of it. */
export const IMAGE_STEPS: Readonly<Record<string, Step>> = {
  push: { copied: true, act: ({ push }) => push("1.0.0", "first") },
  pushBadTag: { act: ({ push }) => push("latest", "first") },
  pushUntagged: {
    act: ({ push }) => push(undefined, "first"),
    told: ({ untaggedPushEvents }) => untaggedPushEvents,
  },
  pushIndex: { copied: true, act: pushMulti, told: ({ untaggedPushEvents }) => untaggedPushEvents },
  pushReferrer: {
    copied: true,
    prepare: ({ push }) => push("1.0.0", "first"),
    act: ({ pushArtifact }, subject) => pushArtifact({ subject }),
    told: ({ untaggedPushEvents }) => untaggedPushEvents,
  },
  repush: { prepare: ({ push }) => push("1.0.0", "first"), act: ({ push }) => push("1.0.0", "first") },
  retag: {
    copied: true,
    prepare: ({ push }) => push("1.0.0", "first"),
    act: ({ push }) => push("latest", "first"),
    told: ({ retagEvents }) => retagEvents,
  },
  rollback: {
    prepare: pushTwo,
    act: ({ push }) => push("1.0.1", "first"),
    told: ({ retagEvents }) => retagEvents,
  },
  moveTag: { copied: true, prepare: pushTwo, act: ({ push }) => push("1.0.0", "third") },
  untag: {
    copied: true,
    prepare: pushTwice,
    act: ({ remove }) => remove({ imageTag: "1.0.1" }),
  },
  deleteByTag: { copied: true, prepare: pushTwo, act: ({ remove }) => remove({ imageTag: "1.0.1" }) },
  deleteByDigest: {
    prepare: pushTwice,
    act: ({ remove }, { digest }) => remove({ imageDigest: digest }),
  },
  deleteIndex: { prepare: pushMulti, act: ({ remove }) => remove({ imageTag: "2.0.0" }) },
  archive: { copied: true, prepare: pushTwo, act: ({ move }) => move({ imageTag: "1.0.0" }, "ARCHIVE") },
  // Its event names no tag, so nothing tells of the one that it got before: only a list of archived images does.
  archiveRetagged: {
    prepare: ({ push }) => push("1.0.0", "first"),
    act: async ({ push, move }) => {
      await push("1.0.1", "first");
      await move({ imageTag: "1.0.0" }, "ARCHIVE");
    },
    told: ({ retagEvents }) => retagEvents,
  },
  archiveAtOnce: { act: pushAndArchive },
  archiveIndex: {
    prepare: pushMulti,
    act: ({ move }) => move({ imageTag: "2.0.0" }, "ARCHIVE"),
  },
  restore: {
    copied: true,
    prepare: pushAndArchive,
    act: ({ move }) => move({ imageTag: "1.0.0" }, "STANDARD"),
  },
  reactivate: { prepare: pushAndArchive, act: ({ push }) => push("1.0.0", "first") },
  deleteArchived: { prepare: pushAndArchive, act: ({ remove }) => remove({ imageTag: "1.0.0" }) },
  dropRepository: {
    copied: true,
    prepare: pushTwo,
    act: ({ ecr, repository }) =>
      ecr.send(new DeleteRepositoryCommand({ repositoryName: repository, force: true })),
    left: () => 0,
  },
  expireByCount: {
    prepare: pushTwo,
    act: ({ govern }) => govern({ ...any, ...newest }),
    left: () => 1,
  },
  archiveByAge: {
    prepare: pushTwo,
    act: ({ govern }) => govern([{ ...any, ...older(1) }, ARCHIVE]),
    left: () => 2,
  },
};
