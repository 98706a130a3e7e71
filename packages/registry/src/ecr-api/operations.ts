import { batchCheckLayerAvailabilityOperation } from "./batch-check-layer-availability.ts";
import { batchDeleteImageOperation } from "./batch-delete-image.ts";
import { batchGetImageOperation } from "./batch-get-image.ts";
import { createRepositoryOperation } from "./create-repository.ts";
import { deleteLifecyclePolicyOperation } from "./delete-lifecycle-policy.ts";
import { deleteRegistryPolicyOperation } from "./delete-registry-policy.ts";
import { deleteRepositoryOperation } from "./delete-repository.ts";
import { deleteRepositoryPolicyOperation } from "./delete-repository-policy.ts";
import { deregisterPullTimeUpdateExclusionOperation } from "./deregister-pull-time-update-exclusion.ts";
import { describeImageReplicationStatusOperation } from "./describe-image-replication-status.ts";
import { describeImagesOperation } from "./describe-images.ts";
import { describeRegistryOperation } from "./describe-registry.ts";
import { describeRepositoriesOperation } from "./describe-repositories.ts";
import { getAccountSettingOperation } from "./get-account-setting.ts";
import { getAuthorizationTokenOperation } from "./get-authorization-token.ts";
import { getLifecyclePolicyOperation } from "./get-lifecycle-policy.ts";
import { getLifecyclePolicyPreviewOperation } from "./get-lifecycle-policy-preview.ts";
import { getRegistryPolicyOperation } from "./get-registry-policy.ts";
import { getRepositoryPolicyOperation } from "./get-repository-policy.ts";
import { listImagesOperation } from "./list-images.ts";
import { listPullTimeUpdateExclusionsOperation } from "./list-pull-time-update-exclusions.ts";
import { listTagsForResourceOperation } from "./list-tags-for-resource.ts";
import type { Operation } from "./operation.ts";
import { putAccountSettingOperation } from "./put-account-setting.ts";
import { putImageOperation } from "./put-image.ts";
import { putImageScanningConfigurationOperation } from "./put-image-scanning-configuration.ts";
import { putImageTagMutabilityOperation } from "./put-image-tag-mutability.ts";
import { putLifecyclePolicyOperation } from "./put-lifecycle-policy.ts";
import { putRegistryPolicyOperation } from "./put-registry-policy.ts";
import { putReplicationConfigurationOperation } from "./put-replication-configuration.ts";
import { registerPullTimeUpdateExclusionOperation } from "./register-pull-time-update-exclusion.ts";
import { setRepositoryPolicyOperation } from "./set-repository-policy.ts";
import { startLifecyclePolicyPreviewOperation } from "./start-lifecycle-policy-preview.ts";
import { tagResourceOperation } from "./tag-resource.ts";
import { untagResourceOperation } from "./untag-resource.ts";
import { updateImageStorageClassOperation } from "./update-image-storage-class.ts";

/** Every operation of the API that is there, by its name after the dot of `X-Amz-Target`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    batchCheckLayerAvailabilityOperation,
    batchDeleteImageOperation,
    batchGetImageOperation,
    createRepositoryOperation,
    deleteLifecyclePolicyOperation,
    deleteRegistryPolicyOperation,
    deleteRepositoryOperation,
    deleteRepositoryPolicyOperation,
    deregisterPullTimeUpdateExclusionOperation,
    describeImageReplicationStatusOperation,
    describeImagesOperation,
    describeRegistryOperation,
    describeRepositoriesOperation,
    getAccountSettingOperation,
    getAuthorizationTokenOperation,
    getLifecyclePolicyOperation,
    getLifecyclePolicyPreviewOperation,
    getRegistryPolicyOperation,
    getRepositoryPolicyOperation,
    listImagesOperation,
    listPullTimeUpdateExclusionsOperation,
    listTagsForResourceOperation,
    putAccountSettingOperation,
    putImageOperation,
    putImageScanningConfigurationOperation,
    putImageTagMutabilityOperation,
    putLifecyclePolicyOperation,
    putRegistryPolicyOperation,
    putReplicationConfigurationOperation,
    registerPullTimeUpdateExclusionOperation,
    setRepositoryPolicyOperation,
    startLifecyclePolicyPreviewOperation,
    tagResourceOperation,
    untagResourceOperation,
    updateImageStorageClassOperation,
  ].map((operation) => [operation.name, operation]),
);
