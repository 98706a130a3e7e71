import type { Image } from "@tallyman/domain/image/image";
import * as z from "zod";

// What DescribeImages says of an image. All members are optional in the model; a digest is always there, and a registry
// that leaves out the status has none but active images.
const ImageDetail = z.object({
  imageDigest: z.string(),
  imageTags: z.array(z.string()).optional(),
  imageManifestMediaType: z.string().optional(),
  artifactMediaType: z.string().optional(),
  imageSizeInBytes: z.number().optional(),
  imagePushedAt: z.date().optional(),
  lastRecordedPullTime: z.date().optional(),
  imageStatus: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]).default("ACTIVE"),
  subjectManifestDigest: z.string().optional(),
});

/** An answer of DescribeImages as images. */
export const DescribedImages = z.object({
  imageDetails: z.array(ImageDetail.transform(asImage)).default([]),
  nextToken: z.string().optional(),
});

function asImage(detail: z.infer<typeof ImageDetail>): Image {
  const { imageManifestMediaType: mediaType, artifactMediaType, imageSizeInBytes: size } = detail;
  const { imagePushedAt: pushedAt, lastRecordedPullTime: pulledAt, subjectManifestDigest: subject } = detail;
  return {
    digest: detail.imageDigest,
    tags: detail.imageTags ?? [],
    status: detail.imageStatus,
    ...(mediaType !== undefined && { mediaType }),
    ...(artifactMediaType !== undefined && { artifactMediaType }),
    ...(size !== undefined && { size }),
    ...(pushedAt && { pushedAt: pushedAt.toISOString() }),
    ...(pulledAt && { lastPulledAt: pulledAt.toISOString() }),
    ...(subject !== undefined && { subject }),
  };
}
