import { type ImageUri, parseImageUri } from "@tallyman/domain/registry/image-uri";
import type { Registry } from "@tallyman/domain/registry/registry";
import { parseRegistryHost } from "@tallyman/domain/registry/registry-host";
import type { EcrRegistry } from "@tallyman/registry/open-registry";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../../http/aws-service.ts";
import type { ServiceCallers } from "../../identity/service-callers.ts";
import type { Code } from "./function-record.ts";
import { invalid } from "./lambda-call.ts";
import { callEcr, type EcrAnswer, ofCaller } from "./registry-calls.ts";
import { letLambdaPull } from "./retrieval-policy.ts";

const SERVICE = "lambda.amazonaws.com";

export type ImageSource = {
  /**
   * Resolves an image as CreateFunction and UpdateFunctionCode do, once: Lambda takes its own copy.
   *
   * @throws AwsError in Lambda's words: not a valid source, not there, not of a kind that it runs, not accessible
   */
  resolve(imageUri: string, forFunction: FunctionPlace): Promise<Code>;
};

export type FunctionPlace = Pick<AwsRequest, "caller" | "account" | "region"> & { readonly arn: string };

export type ImageSourceDeps = {
  readonly callApi: EcrRegistry["callApi"];
  readonly serviceCallers: ServiceCallers;
};

/** What Lambda runs: one image for one platform, which an index is not, of plain or gzipped layers (Developer Guide, "Container images"). */
const configTypes = [
  "application/vnd.docker.container.image.v1+json",
  "application/vnd.oci.image.config.v1+json",
];
const layerType =
  /^application\/vnd\.(docker\.image\.rootfs\.diff\.tar\.gzip|oci\.image\.layer\.v1\.tar(\+gzip)?)$/;

const Descriptor = z.object({ mediaType: z.string(), digest: z.string() });
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor).min(1) });

export function createImageSource(deps: ImageSourceDeps): ImageSource {
  return {
    async resolve(imageUri, place) {
      const wanted = { imageUri, place, image: sourceImage(imageUri, place) };
      if (wanted.image.registry.account === place.account) await ensureAccess(deps, wanted);
      const { digest, document } = oneImage(imageUri, await pull(deps, wanted, manifestOf(wanted)));
      for (const layerDigest of supported(imageUri, document))
        await pull(deps, wanted, { operation: "GetDownloadUrlForLayer", input: { layerDigest } });
      const repositoryUri = `${imageUri.split("/")[0]}/${wanted.image.repository}`;
      return { imageUri, resolvedImageUri: `${repositoryUri}@${digest}`, digest };
    },
  };
}

type Wanted = { readonly imageUri: string; readonly image: ImageUri; readonly place: FunctionPlace };
type Request = { readonly operation: string; readonly input: object };

/** Lambda asks in its own name; between accounts whoever makes the function must be allowed the same. */
async function pull(deps: ImageSourceDeps, wanted: Wanted, request: Request): Promise<EcrAnswer> {
  const { image, place } = wanted;
  if (image.registry.account !== place.account) ofCaller(await ask(deps, wanted, { ...request, as: place }));
  return accessible(await ask(deps, wanted, { ...request, as: lambdaItself(deps, wanted) }));
}

/** Where Lambda may not read the repository of its function's account, it adds what lets it, as far as the caller may. */
async function ensureAccess(deps: ImageSourceDeps, wanted: Wanted): Promise<void> {
  const as = lambdaItself(deps, wanted, { hypothetical: true });
  const tried = await ask(deps, wanted, { ...manifestOf(wanted), as });
  if (tried.error !== "AccessDeniedException") return;
  const outcome = await letLambdaPull({ ...wanted, callApi: deps.callApi, service: SERVICE });
  if (outcome === "no repository") throw notThere(wanted.imageUri);
}

function lambdaItself(
  { serviceCallers }: ImageSourceDeps,
  { place: { account, region, arn } }: Wanted,
  { hypothetical = false } = {},
): EcrPrincipal {
  const context = { "aws:sourcearn": arn, "aws:sourceaccount": account };
  return { caller: serviceCallers.callerFor({ account, service: SERVICE, context, hypothetical }), region };
}

type EcrPrincipal = Pick<AwsRequest, "caller" | "region">;

function ask(
  { callApi }: ImageSourceDeps,
  { image: { registry, repository } }: Wanted,
  { operation, input, as }: Request & { readonly as: EcrPrincipal },
): Promise<EcrAnswer> {
  const named = { registryId: registry.account, repositoryName: repository, ...input };
  return callEcr(callApi, as, { operation, input: named });
}

function manifestOf({ image: { digest, tag } }: Wanted): Request {
  const imageIds = [digest === undefined ? { imageTag: tag } : { imageDigest: digest }];
  return { operation: "BatchGetImage", input: { imageIds } };
}

/** An image of ECR in the function's Region, by its full name with a tag or a digest, not by the FIPS endpoint. */
function sourceImage(text: string, { region }: Registry): ImageUri {
  const image = parseImageUri(text);
  const host = parseRegistryHost(text.split("/")[0] ?? "");
  const named = /[:@][^/]*$/.test(text);
  if (image === undefined || host === undefined || host.fips || !named || image.registry.region !== region)
    throw invalid(`Source image ${text} is not valid. Provide a valid source image.`);
  return image;
}

/** What stops Lambda itself, whatever the reason that ECR gave. */
function accessible(answer: EcrAnswer): EcrAnswer {
  if (answer.error === undefined || answer.error === "RepositoryNotFoundException") return answer;
  if (answer.error === "AccessDeniedException" || answer.error === "LayerInaccessibleException")
    throw new AwsError(
      "AccessDeniedException",
      "Lambda does not have permission to access the ECR image. Check the ECR permissions.",
      403,
    );
  throw invalid(`Lambda could not read the source image: ${answer.message}`);
}

const Images = z.object({
  images: z.array(
    z.object({
      imageId: z.object({ imageDigest: z.string() }),
      imageManifest: z.string(),
    }),
  ),
});

/** Archived images cannot be read: for Lambda they are not there. */
function oneImage(imageUri: string, answer: EcrAnswer) {
  const [image] = answer.error === undefined ? Images.parse(answer.body).images : [];
  if (!image) throw notThere(imageUri);
  return {
    digest: image.imageId.imageDigest,
    document: JSON.parse(image.imageManifest) as unknown,
  };
}

/** Digests of what is to be downloaded. */
function supported(imageUri: string, document: unknown): readonly string[] {
  const parsed = Manifest.safeParse(document);
  const known =
    parsed.success &&
    configTypes.includes(parsed.data.config.mediaType) &&
    parsed.data.layers.every((layer) => layerType.test(layer.mediaType));
  if (!known)
    throw invalid(
      `The image manifest, config or layer media type for the source image ${imageUri} is not supported.`,
    );
  return [parsed.data.config, ...parsed.data.layers].map(({ digest }) => digest);
}

function notThere(imageUri: string): AwsError {
  return invalid(`Source image ${imageUri} does not exist. Provide a valid source image.`);
}
