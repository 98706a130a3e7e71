import type { Image } from "@tallyman/domain/image/image";
import * as z from "@tallyman/domain/zod";

// What DescribeImages says of an image. All members are optional in the model; a digest is always there, and a registry
// that leaves out the status has none but active images.
const ImageDetail = z.lazy(() => {
  const text = z.string();
  const maybeText = z.optional(text);
  const maybeTime = z.optional(z.date());
  return z.object({
    imageDigest: text,
    imageTags: z.optional(z.array(text)),
    imageManifestMediaType: maybeText,
    artifactMediaType: maybeText,
    imageSizeInBytes: z.optional(z.number()),
    imagePushedAt: maybeTime,
    lastRecordedPullTime: maybeTime,
    imageStatus: z._default(z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]), "ACTIVE"),
    subjectManifestDigest: maybeText,
  });
});

/** An answer of DescribeImages as images. */
export const DescribedImages = z.lazy(() =>
  z.object({
    imageDetails: z._default(z.array(z.pipe(ImageDetail, z.transform(asImage))), []),
    nextToken: z.optional(z.string()),
  }),
);

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
