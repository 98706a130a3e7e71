import * as z from "zod";
import type { ImageUse } from "./image-use.ts";
import type { ScannedImage } from "./scanned-images.ts";

const text = z
  .array(z.object({ comparison: z.enum(["EQUALS", "NOT_EQUALS"]), value: z.string().min(1).max(1024) }))
  .min(1)
  .max(10)
  .optional();
const time = z.number().transform((seconds) => seconds * 1000);
const dates = z
  .array(z.object({ startInclusive: time.optional(), endInclusive: time.optional() }))
  .min(1)
  .max(10)
  .optional();
const numbers = z
  .array(z.object({ lowerInclusive: z.number().optional(), upperInclusive: z.number().optional() }))
  .min(1)
  .max(10)
  .optional();

/** What images can be chosen by; a criterion that is about something else chooses none of them. */
export const CoverageFilter = z.looseObject({
  accountId: text,
  resourceId: text,
  resourceType: text,
  scanType: text,
  scanStatusCode: text,
  scanStatusReason: text,
  scanMode: text,
  ecrRepositoryName: text,
  ecrImageTags: text,
  imagePulledAt: dates,
  lastScannedAt: dates,
  ecrImageLastInUseAt: dates,
  ecrImageInUseCount: numbers,
});
export type CoverageFilter = z.infer<typeof CoverageFilter>;

/** One image with all that Inspector says of it. */
export type CoveredImage = {
  readonly account: string;
  readonly resourceId: string;
  readonly image: ScannedImage;
  readonly use: ImageUse | undefined;
};

const known = new Set(Object.keys(CoverageFilter.shape));

/** Criteria all hold; of the values of one, any. */
export function isCovered(
  filter: CoverageFilter,
  { account, resourceId, image, use }: CoveredImage,
): boolean {
  if (Object.entries(filter).some(([name, value]) => !known.has(name) && value !== undefined)) return false;
  return (
    isText(filter.accountId, account) &&
    isText(filter.resourceId, resourceId) &&
    isText(filter.resourceType, "AWS_ECR_CONTAINER_IMAGE") &&
    isText(filter.scanType, "PACKAGE") &&
    isText(filter.scanStatusCode, "ACTIVE") &&
    isText(filter.scanStatusReason, "SUCCESSFUL") &&
    isText(filter.scanMode, "EC2_AGENTLESS", { none: true }) &&
    isText(filter.ecrRepositoryName, image.repository) &&
    isTags(filter.ecrImageTags, image.tags) &&
    isWithin(filter.imagePulledAt, image.pulledAt) &&
    isWithin(filter.lastScannedAt, image.pushedAt) &&
    isWithin(filter.ecrImageLastInUseAt, use?.lastInUse) &&
    isBetween(filter.ecrImageInUseCount, use?.count ?? 0)
  );
}

/** Whether only images that some task uses can be meant: then the others need not be looked at. */
export function asksForUse({ ecrImageInUseCount, ecrImageLastInUseAt }: CoverageFilter): boolean {
  return (
    ecrImageLastInUseAt !== undefined ||
    (ecrImageInUseCount?.every(({ lowerInclusive = 0 }) => lowerInclusive > 0) ?? false)
  );
}

function isText(criterion: CoverageFilter["accountId"], value: string, { none = false } = {}): boolean {
  if (criterion === undefined) return true;
  return criterion.some((one) => (one.comparison === "EQUALS") === (!none && one.value === value));
}

function isTags(criterion: CoverageFilter["accountId"], tags: readonly string[]): boolean {
  if (criterion === undefined) return true;
  return criterion.some((one) => (one.comparison === "EQUALS") === tags.includes(one.value));
}

function isWithin(criterion: CoverageFilter["imagePulledAt"], value: Date | undefined): boolean {
  if (criterion === undefined) return true;
  if (value === undefined) return false;
  return criterion.some(
    ({ startInclusive = Number.NEGATIVE_INFINITY, endInclusive = Number.POSITIVE_INFINITY }) =>
      startInclusive <= value.getTime() && value.getTime() <= endInclusive,
  );
}

function isBetween(criterion: CoverageFilter["ecrImageInUseCount"], value: number): boolean {
  if (criterion === undefined) return true;
  return criterion.some(
    ({ lowerInclusive = Number.NEGATIVE_INFINITY, upperInclusive = Number.POSITIVE_INFINITY }) =>
      lowerInclusive <= value && value <= upperInclusive,
  );
}
