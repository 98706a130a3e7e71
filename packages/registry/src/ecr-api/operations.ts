import { batchCheckLayerAvailabilityOperation } from "./batch-check-layer-availability.ts";
import { batchDeleteImageOperation } from "./batch-delete-image.ts";
import { batchGetImageOperation } from "./batch-get-image.ts";
import { batchGetRepositoryScanningConfigurationOperation } from "./batch-get-repository-scanning-configuration.ts";
import { completeLayerUploadOperation } from "./complete-layer-upload.ts";
import { createPullThroughCacheRuleOperation } from "./create-pull-through-cache-rule.ts";
import { createRepositoryOperation } from "./create-repository.ts";
import { createRepositoryCreationTemplateOperation } from "./create-repository-creation-template.ts";
import { deleteLifecyclePolicyOperation } from "./delete-lifecycle-policy.ts";
import { deletePullThroughCacheRuleOperation } from "./delete-pull-through-cache-rule.ts";
import { deleteRegistryPolicyOperation } from "./delete-registry-policy.ts";
import { deleteRepositoryOperation } from "./delete-repository.ts";
import { deleteRepositoryCreationTemplateOperation } from "./delete-repository-creation-template.ts";
import { deleteRepositoryPolicyOperation } from "./delete-repository-policy.ts";
import { deleteSigningConfigurationOperation } from "./delete-signing-configuration.ts";
import { deregisterPullTimeUpdateExclusionOperation } from "./deregister-pull-time-update-exclusion.ts";
import { describeImageReplicationStatusOperation } from "./describe-image-replication-status.ts";
import { describeImageScanFindingsOperation } from "./describe-image-scan-findings.ts";
import { describeImageSigningStatusOperation } from "./describe-image-signing-status.ts";
import { describeImagesOperation } from "./describe-images.ts";
import { describePullThroughCacheRulesOperation } from "./describe-pull-through-cache-rules.ts";
import { describeRegistryOperation } from "./describe-registry.ts";
import { describeRepositoriesOperation } from "./describe-repositories.ts";
import { describeRepositoryCreationTemplatesOperation } from "./describe-repository-creation-templates.ts";
import { getAccountSettingOperation } from "./get-account-setting.ts";
import { getAuthorizationTokenOperation } from "./get-authorization-token.ts";
import { getDownloadUrlForLayerOperation } from "./get-download-url-for-layer.ts";
import { getLifecyclePolicyOperation } from "./get-lifecycle-policy.ts";
import { getLifecyclePolicyPreviewOperation } from "./get-lifecycle-policy-preview.ts";
import { getRegistryPolicyOperation } from "./get-registry-policy.ts";
import { getRegistryScanningConfigurationOperation } from "./get-registry-scanning-configuration.ts";
import { getRepositoryPolicyOperation } from "./get-repository-policy.ts";
import { getSigningConfigurationOperation } from "./get-signing-configuration.ts";
import { initiateLayerUploadOperation } from "./initiate-layer-upload.ts";
import { listImageReferrersOperation } from "./list-image-referrers.ts";
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
import { putRegistryScanningConfigurationOperation } from "./put-registry-scanning-configuration.ts";
import { putReplicationConfigurationOperation } from "./put-replication-configuration.ts";
import { putSigningConfigurationOperation } from "./put-signing-configuration.ts";
import { registerPullTimeUpdateExclusionOperation } from "./register-pull-time-update-exclusion.ts";
import { setRepositoryPolicyOperation } from "./set-repository-policy.ts";
import { startImageScanOperation } from "./start-image-scan.ts";
import { startLifecyclePolicyPreviewOperation } from "./start-lifecycle-policy-preview.ts";
import { tagResourceOperation } from "./tag-resource.ts";
import { untagResourceOperation } from "./untag-resource.ts";
import { updateImageStorageClassOperation } from "./update-image-storage-class.ts";
import { updatePullThroughCacheRuleOperation } from "./update-pull-through-cache-rule.ts";
import { updateRepositoryCreationTemplateOperation } from "./update-repository-creation-template.ts";
import { uploadLayerPartOperation } from "./upload-layer-part.ts";
import { validatePullThroughCacheRuleOperation } from "./validate-pull-through-cache-rule.ts";

/** Every operation of the API that is there, by its name after the dot of `X-Amz-Target`. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  [
    batchCheckLayerAvailabilityOperation,
    batchDeleteImageOperation,
    batchGetImageOperation,
    batchGetRepositoryScanningConfigurationOperation,
    createPullThroughCacheRuleOperation,
    createRepositoryCreationTemplateOperation,
    createRepositoryOperation,
    deleteLifecyclePolicyOperation,
    deletePullThroughCacheRuleOperation,
    deleteRegistryPolicyOperation,
    deleteRepositoryCreationTemplateOperation,
    deleteRepositoryOperation,
    deleteRepositoryPolicyOperation,
    deleteSigningConfigurationOperation,
    deregisterPullTimeUpdateExclusionOperation,
    describeImageReplicationStatusOperation,
    describeImageScanFindingsOperation,
    describeImageSigningStatusOperation,
    describeImagesOperation,
    describePullThroughCacheRulesOperation,
    describeRegistryOperation,
    describeRepositoriesOperation,
    describeRepositoryCreationTemplatesOperation,
    getAccountSettingOperation,
    getAuthorizationTokenOperation,
    getLifecyclePolicyOperation,
    getLifecyclePolicyPreviewOperation,
    getRegistryPolicyOperation,
    getRegistryScanningConfigurationOperation,
    getRepositoryPolicyOperation,
    getSigningConfigurationOperation,
    listImageReferrersOperation,
    listImagesOperation,
    listPullTimeUpdateExclusionsOperation,
    listTagsForResourceOperation,
    putAccountSettingOperation,
    putImageOperation,
    putImageScanningConfigurationOperation,
    putImageTagMutabilityOperation,
    putLifecyclePolicyOperation,
    putRegistryPolicyOperation,
    putRegistryScanningConfigurationOperation,
    putReplicationConfigurationOperation,
    putSigningConfigurationOperation,
    registerPullTimeUpdateExclusionOperation,
    setRepositoryPolicyOperation,
    startImageScanOperation,
    startLifecyclePolicyPreviewOperation,
    tagResourceOperation,
    untagResourceOperation,
    updateImageStorageClassOperation,
    updatePullThroughCacheRuleOperation,
    updateRepositoryCreationTemplateOperation,
    validatePullThroughCacheRuleOperation,
    completeLayerUploadOperation,
    getDownloadUrlForLayerOperation,
    initiateLayerUploadOperation,
    uploadLayerPartOperation,
  ].map((operation) => [operation.name, operation]),
);
