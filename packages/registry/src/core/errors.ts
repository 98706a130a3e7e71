import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";

/**
 * What ECR refuses, by the name of its exception. Both borders translate it: `ecr-api/errors.ts` to JSON `__type`,
 * `oci/errors.ts` to `{"errors":[{code,message}]}`. Texts are ECR's own where they are known.
 */
export type EcrErrorCode =
  | "AccessDeniedException"
  | "EmptyUploadException"
  | "ExclusionAlreadyExistsException"
  | "ExclusionNotFoundException"
  | "ImageAlreadyExistsException"
  | "ImageArchivedException"
  | "ImageDigestDoesNotMatchException"
  | "ImageNotFoundException"
  | "ImageStorageClassUpdateNotSupportedException"
  | "ImageTagAlreadyExistsException"
  | "InvalidLayerException"
  | "InvalidLayerPartException"
  | "InvalidParameterException"
  | "InvalidTagParameterException"
  | "LayerAlreadyExistsException"
  | "LayerInaccessibleException"
  | "LayerPartTooSmallException"
  | "LayersNotFoundException"
  | "LifecyclePolicyNotFoundException"
  | "LifecyclePolicyPreviewInProgressException"
  | "LifecyclePolicyPreviewNotFoundException"
  | "LimitExceededException"
  | "PullThroughCacheRuleAlreadyExistsException"
  | "PullThroughCacheRuleNotFoundException"
  | "ReferencedImagesNotFoundException"
  | "RegistryPolicyNotFoundException"
  | "RepositoryAlreadyExistsException"
  | "RepositoryNotEmptyException"
  | "RepositoryNotFoundException"
  | "RepositoryPolicyNotFoundException"
  | "ScanNotFoundException"
  | "SerializationException"
  | "ServerException"
  | "SigningConfigurationNotFoundException"
  | "TemplateAlreadyExistsException"
  | "TemplateNotFoundException"
  | "ThrottlingException"
  | "TooManyTagsException"
  | "UnableToAccessSecretException"
  | "UnknownOperationException"
  | "UnsupportedImageTypeException"
  | "UnsupportedUpstreamRegistryException"
  | "UploadNotFoundException"
  | "ValidationException";

export class EcrError extends Error {
  readonly code: EcrErrorCode;
  /** What the exception's shape has besides its message. */
  readonly members: object;
  constructor(code: EcrErrorCode, message: string, members: object = {}) {
    super(message);
    this.name = "EcrError";
    this.code = code;
    this.members = members;
  }
}

export function invalidParameter(member: string, constraint: string): EcrError {
  return new EcrError(
    "InvalidParameterException",
    `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function repositoryNotFound(ref: RepositoryRef): EcrError {
  return new EcrError(
    "RepositoryNotFoundException",
    `The repository with name '${ref.repository}' does not exist in the registry with id '${ref.account}'`,
  );
}

/** An image as a caller names it: by digest, by tag, or by both, which must then agree. */
export type ImageReference = { readonly digest?: string | undefined; readonly tag?: string | undefined };

export function imageNotFound(ref: RepositoryRef, image: ImageReference): EcrError {
  const quoted = (text: string | undefined) => (text === undefined ? "'null'" : `'${text}'`);
  return new EcrError(
    "ImageNotFoundException",
    `The image with imageId {imageDigest:${quoted(image.digest)}, imageTag:${quoted(image.tag)}} does not exist ` +
      `within the repository with name '${ref.repository}' in the registry with id '${ref.account}'`,
  );
}

export function imageAlreadyExists(ref: RepositoryRef, image: ImageReference): EcrError {
  return new EcrError(
    "ImageAlreadyExistsException",
    `Image with digest '${image.digest}' and tag '${image.tag ?? "null"}' already exists in the repository with name ` +
      `'${ref.repository}' in registry with id '${ref.account}'`,
  );
}

export function registryPolicyNotFound(registry: Registry): EcrError {
  return new EcrError(
    "RegistryPolicyNotFoundException",
    `Registry policy does not exist in the registry with id '${registry.account}'`,
  );
}
