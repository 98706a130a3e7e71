import {
  BatchGetImageCommand,
  DescribeImageReplicationStatusCommand,
  DescribeImagesCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { OCI_MANIFEST, sha256 } from "../registry-client.ts";
import type { Step } from "./image-steps.ts";
import { orRefusal, type Place } from "./place.ts";

const REFUSED_CLASS = "ImageStorageClassUpdateNotSupportedException";

async function pushOne({ push }: Place) {
  return push("1.0.0", "first");
}
async function pushAndArchive({ push, move }: Place) {
  const image = await push("1.0.0", "first");
  await move({ imageTag: "1.0.0" }, "ARCHIVE");
  return image;
}
/** An index and its child, as ids. */
async function pushPair({ push, client, repository }: Place, seed: string) {
  const child = await push(undefined, seed);
  const index = await client.pushIndex(repository, undefined, [child]);
  return { child: { imageDigest: child.digest }, index: { imageDigest: index.digest } };
}
async function detail({ ecr, repository: repositoryName }: Place, imageTag = "1.0.0") {
  const command = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] });
  return (await ecr.send(command)).imageDetails?.[0];
}

/** What the registry's own API lets its clients do with images. */
export const API_STEPS: Readonly<Record<string, Step>> = {
  immutableRepush: {
    settings: { imageTagMutability: "IMMUTABLE" },
    prepare: pushOne,
    act: async ({ ecr, v2, repository: repositoryName }) => {
      const imageManifest = await (await v2("GET", "manifests/1.0.0")).text();
      return orRefusal(ecr.send(new PutImageCommand({ repositoryName, imageTag: "1.0.0", imageManifest })));
    },
    answers: ({ immutableRepush }) =>
      immutableRepush === "exists" ? "ImageAlreadyExistsException" : "ImageTagAlreadyExistsException",
  },
  immutableMove: {
    settings: { imageTagMutability: "IMMUTABLE" },
    prepare: pushOne,
    act: ({ push }) => orRefusal(push("1.0.0", "second")),
    answers: ({ immutableTagStatus }) => immutableTagStatus,
    left: () => 1,
  },
  excludedTag: {
    settings: {
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "rc" }],
    },
    prepare: ({ push }) => push("1.0.0-rc1", "first"),
    act: ({ push }) => orRefusal(push("1.0.0-rc1", "second")),
    answers: ({ exclusionFilterMatch, immutableTagStatus }) =>
      exclusionFilterMatch === "part" ? "accepted" : immutableTagStatus,
  },
  tagOfArchived: {
    prepare: pushAndArchive,
    act: ({ push }) => orRefusal(push("1.0.0", "second")),
    answers: ({ tagOfArchivedImage, immutableTagStatus }) =>
      tagOfArchivedImage === "moves" ? "accepted" : immutableTagStatus,
  },
  readArchived: {
    prepare: pushAndArchive,
    act: async ({ ecr, repository: repositoryName }, { digest }) => {
      const command = new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest: digest }] });
      return (await ecr.send(command)).failures?.[0]?.failureCode;
    },
    answers: ({ archivedImageFailure }) => archivedImageFailure,
  },
  archiveChild: {
    prepare: async ({ pushIndex }) => (await pushIndex("2.0.0")).children[0],
    act: ({ move }, { digest }) => orRefusal(move({ imageDigest: digest }, "ARCHIVE")),
    answers: ({ archiveIndexedImages }) => (archiveIndexedImages ? "ARCHIVED" : REFUSED_CLASS),
  },
  archiveWithIndex: {
    prepare: async ({ pushIndex }) => (await pushIndex("2.0.0")).index,
    act: async ({ move, ecr, repository: repositoryName }) => {
      await move({ imageTag: "2.0.0" }, "ARCHIVE");
      const filter = { imageStatus: "ARCHIVED" } as const;
      return (await ecr.send(new DescribeImagesCommand({ repositoryName, filter }))).imageDetails?.length;
    },
    answers: ({ archiveChildrenWithIndex }) => (archiveChildrenWithIndex ? 3 : 1),
  },
  archiveAgain: {
    prepare: pushAndArchive,
    act: async ({ move }) => {
      await move({ imageTag: "1.0.0" }, "STANDARD");
      return orRefusal(move({ imageTag: "1.0.0" }, "ARCHIVE"));
    },
    answers: ({ archiveActivatingImages }) => (archiveActivatingImages ? "ARCHIVED" : REFUSED_CLASS),
  },
  artifact: {
    act: async (place) => {
      const { digest } = await place.pushArtifact({});
      const command = new DescribeImagesCommand({
        repositoryName: place.repository,
        imageIds: [{ imageDigest: digest }],
      });
      return (await place.ecr.send(command)).imageDetails?.[0]?.artifactMediaType;
    },
    told: ({ untaggedPushEvents }) => untaggedPushEvents,
    answers: ({ artifactMediaType }) =>
      artifactMediaType === "config" ? "application/vnd.example.config" : "application/vnd.example.signature",
  },
  deleteTogether: {
    act: async (place) => {
      const [one, other] = [await pushPair(place, "one"), await pushPair(place, "other")];
      const gone = await place.remove(one.child, one.index);
      return gone + (await place.remove(other.index, other.child));
    },
    told: ({ untaggedPushEvents }) => untaggedPushEvents,
    answers: ({ deletionOrder }) => ({ given: 3, parentsFirst: 4, indexedStay: 2 })[deletionOrder],
  },
  subjectLater: {
    act: ({ pushArtifact }) => {
      const subject = { mediaType: OCI_MANIFEST, digest: sha256("not there yet"), size: 13 };
      return orRefusal(pushArtifact({ subject }));
    },
    told: ({ untaggedPushEvents, subjectMustExist }) => untaggedPushEvents || subjectMustExist,
    left: ({ subjectMustExist }) => (subjectMustExist ? 0 : 1),
  },
  statusOfNoReplica: {
    prepare: pushOne,
    act: async ({ ecr, repository: repositoryName }) => {
      const imageId = { imageTag: "1.0.0" };
      return orRefusal(ecr.send(new DescribeImageReplicationStatusCommand({ repositoryName, imageId })));
    },
    answers: ({ statusWithoutReplication }) =>
      statusWithoutReplication === "empty" ? "accepted" : "ValidationException",
  },
  headIsPull: {
    prepare: pushOne,
    act: async (place) => {
      await place.v2("HEAD", "manifests/1.0.0");
      return (await detail(place))?.lastRecordedPullTime !== undefined;
    },
    answers: ({ headMovesPullTime }) => headMovesPullTime,
  },
};
