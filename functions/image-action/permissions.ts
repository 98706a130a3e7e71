import { tagsOfDigestPermissions } from "@tallyman/aws/dynamodb/tag-store.permissions";
import { mergePermissions } from "@tallyman/aws/merge-permissions";
import { recordingPermissions } from "../configuration/registry-reading.permissions.ts";

export const permissions = mergePermissions(recordingPermissions, tagsOfDigestPermissions);
