const repositoryName = "team/app";
const resourceArn = `arn:aws:ecr:us-east-1:111122223333:repository/${repositoryName}`;
const imageId = { imageTag: "1" };
const policyText = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }],
});
const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 },
      action: { type: "expire" },
    },
  ],
});
const layerDigest = `sha256:${"0".repeat(64)}`;
const principalArn = "arn:aws:iam::111122223333:role/reader";
const prefix = "cache";

/** An input of each operation that no constraint refuses, with the least that it takes. */
export const OPERATION_INPUTS = {
  BatchCheckLayerAvailability: { repositoryName, layerDigests: [layerDigest] },
  BatchDeleteImage: { repositoryName, imageIds: [imageId] },
  BatchGetImage: { repositoryName, imageIds: [imageId] },
  BatchGetRepositoryScanningConfiguration: { repositoryNames: [repositoryName] },
  CompleteLayerUpload: {
    repositoryName,
    uploadId: "00000000-0000-4000-8000-000000000000",
    layerDigests: [layerDigest],
  },
  CreatePullThroughCacheRule: { ecrRepositoryPrefix: prefix, upstreamRegistryUrl: "public.ecr.aws" },
  CreateRepository: { repositoryName },
  CreateRepositoryCreationTemplate: { prefix, appliedFor: ["REPLICATION"] },
  DeleteLifecyclePolicy: { repositoryName },
  DeletePullThroughCacheRule: { ecrRepositoryPrefix: prefix },
  DeleteRegistryPolicy: {},
  DeleteRepository: { repositoryName },
  DeleteRepositoryCreationTemplate: { prefix },
  DeleteRepositoryPolicy: { repositoryName },
  DeleteSigningConfiguration: {},
  DeregisterPullTimeUpdateExclusion: { principalArn },
  DescribeImageReplicationStatus: { repositoryName, imageId },
  DescribeImageScanFindings: { repositoryName, imageId },
  DescribeImageSigningStatus: { repositoryName, imageId },
  DescribeImages: { repositoryName },
  DescribePullThroughCacheRules: {},
  DescribeRegistry: {},
  DescribeRepositories: {},
  DescribeRepositoryCreationTemplates: {},
  GetAccountSetting: { name: "BLOB_MOUNTING" },
  GetAuthorizationToken: {},
  GetDownloadUrlForLayer: { repositoryName, layerDigest },
  GetLifecyclePolicy: { repositoryName },
  GetLifecyclePolicyPreview: { repositoryName },
  GetRegistryPolicy: {},
  GetRegistryScanningConfiguration: {},
  GetRepositoryPolicy: { repositoryName },
  GetSigningConfiguration: {},
  InitiateLayerUpload: { repositoryName },
  ListImageReferrers: { repositoryName, subjectId: { imageDigest: layerDigest } },
  ListImages: { repositoryName },
  ListPullTimeUpdateExclusions: {},
  ListTagsForResource: { resourceArn },
  PutAccountSetting: { name: "BLOB_MOUNTING", value: "ENABLED" },
  PutImage: { repositoryName, imageManifest: "{}" },
  PutImageScanningConfiguration: { repositoryName, imageScanningConfiguration: { scanOnPush: true } },
  PutImageTagMutability: { repositoryName, imageTagMutability: "IMMUTABLE" },
  PutLifecyclePolicy: { repositoryName, lifecyclePolicyText },
  PutRegistryPolicy: { policyText },
  PutRegistryScanningConfiguration: {},
  PutReplicationConfiguration: { replicationConfiguration: { rules: [] } },
  PutSigningConfiguration: { signingConfiguration: { rules: [] } },
  RegisterPullTimeUpdateExclusion: { principalArn },
  SetRepositoryPolicy: { repositoryName, policyText },
  StartImageScan: { repositoryName, imageId },
  StartLifecyclePolicyPreview: { repositoryName },
  TagResource: { resourceArn, tags: [{ Key: "team", Value: "a" }] },
  UntagResource: { resourceArn, tagKeys: ["team"] },
  UpdateImageStorageClass: { repositoryName, imageId, targetStorageClass: "ARCHIVE" },
  UpdatePullThroughCacheRule: { ecrRepositoryPrefix: prefix },
  UpdateRepositoryCreationTemplate: { prefix },
  UploadLayerPart: {
    repositoryName,
    uploadId: "00000000-0000-4000-8000-000000000000",
    partFirstByte: 0,
    partLastByte: 0,
    layerPartBlob: "AA==",
  },
  ValidatePullThroughCacheRule: { ecrRepositoryPrefix: prefix },
} as const satisfies Readonly<Record<string, object>>;
