import { imageListPermissions } from "@tallyman/aws/dynamodb/image-store.permissions";
import { manifestHeadsPermissions } from "@tallyman/aws/dynamodb/manifest-store.permissions";
import { summaryItemPermissions } from "@tallyman/aws/dynamodb/summary-store.permissions";
import { tagListPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { violationListPermissions } from "@tallyman/aws/dynamodb/violation-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import {
  listingReadingPermissions,
  listingWritingPermissions,
} from "@tallyman/aws/s3/listing-store.permissions";
import { manifestBodyReadingPermissions } from "@tallyman/aws/s3/manifest-bodies.permissions";

/** What counting a repository anew from its records needs. */
export const recountingPermissions = mergePermissions(
  imageListPermissions,
  tagListPermissions,
  violationListPermissions,
  manifestHeadsPermissions,
  manifestBodyReadingPermissions,
  summaryItemPermissions,
  listingReadingPermissions,
  listingWritingPermissions,
);
