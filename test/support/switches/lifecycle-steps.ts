import type { Switches } from "@tallyman/registry/core/switches";
import type { Step } from "./image-steps.ts";
import { orRefusal, type Place } from "./place.ts";

/** How long before everything was pushed: half a day more than so many whole days. */
export const DAYS_BEFORE = 100;
export const HOURS_BEFORE = 12;

const any = { tagStatus: "any" };
const untagged = { tagStatus: "untagged" };
const tagged = (...tagPatternList: string[]) => ({ tagStatus: "tagged", tagPatternList });
const older = (countNumber: number) => ({ countType: "sinceImagePushed", countUnit: "days", countNumber });
const more = (countNumber: number) => ({ countType: "imageCountMoreThan", countNumber });
const archived = {
  storageClass: "archive",
  countType: "sinceImageTransitioned",
  countUnit: "days",
  countNumber: 90,
};
const ARCHIVE = { type: "transition", targetStorageClass: "archive" };

async function pushOne({ push }: Place) {
  return push("1.0.0", "first");
}
async function pushAbout({ push, pushArtifact }: Place) {
  const subject = await push("1.0.0", "first");
  await pushArtifact({ subject });
  return subject;
}

/** Which policies are taken, and what they leave. */
export const LIFECYCLE_STEPS: Readonly<Record<string, Step>> = {
  writtenOutStandard: {
    act: ({ govern }) => orRefusal(govern({ ...any, storageClass: "standard", ...more(1) })),
    answers: ({ acceptExplicitStandard }) =>
      acceptExplicitStandard ? "accepted" : "InvalidParameterException",
  },
  twoUntaggedRules: {
    act: ({ govern }) =>
      orRefusal(govern([{ ...untagged, ...older(1) }, ARCHIVE], { ...untagged, ...older(9) })),
    answers: ({ oneUntaggedRulePer }) =>
      oneUntaggedRulePer === "storageClass" ? "InvalidParameterException" : "accepted",
  },
  patternInTwoLists: {
    act: ({ govern }) =>
      orRefusal(govern({ ...tagged("a*"), ...more(1) }, { ...tagged("a*", "b*"), ...more(1) })),
    answers: ({ uniqueTags }) => (uniqueTags === "list" ? "accepted" : "InvalidParameterException"),
  },
  expireByAge: {
    prepare: pushOne,
    act: ({ govern }) => govern({ ...any, ...older(DAYS_BEFORE) }),
    left: (switches) => (isKept(switches) ? 1 : 0),
  },
  expireArchived: {
    prepare: async (place) => {
      const image = await pushOne(place);
      await place.move({ imageTag: "1.0.0" }, "ARCHIVE");
      return image;
    },
    act: ({ govern }) => govern({ ...tagged("1*"), ...more(5) }, { ...any, ...archived }),
    left: ({ shieldAcrossStorageClasses }) => (shieldAcrossStorageClasses ? 1 : 0),
  },
  countChildren: {
    prepare: async ({ push, pushIndex }) => {
      await push(undefined, "oldest");
      return (await pushIndex("2.0.0")).index;
    },
    act: ({ govern }) => govern({ ...untagged, ...more(1) }),
    left: ({ indexChildren }) => (indexChildren === "excluded" ? 4 : 3),
  },
  expireReferrer: {
    prepare: pushAbout,
    act: ({ govern }) => govern({ ...untagged, ...older(1) }),
    left: ({ selectReferrers }) => (selectReferrers ? 1 : 2),
  },
  followSubject: {
    prepare: pushAbout,
    act: ({ govern }) => govern({ ...tagged("1*"), ...older(1) }),
    told: ({ expiryEvents }) => expiryEvents, // PolicyExecutionEvent does not name what follows its subject.
    left: () => 0,
  },
  followWithoutPolicy: {
    prepare: pushAbout,
    act: ({ remove }, { digest }) => remove({ imageDigest: digest }),
    told: ({ expiryEvents, followWithoutPolicy }) => expiryEvents || !followWithoutPolicy,
    left: ({ followWithoutPolicy }) => (followWithoutPolicy ? 0 : 1),
  },
};

/** An image that is as old as the limit in whole days, and half a day older. */
function isKept({ ageUnit, ageLimit }: Switches): boolean {
  return ageUnit === "wholeDays" && ageLimit === "exceeded";
}
