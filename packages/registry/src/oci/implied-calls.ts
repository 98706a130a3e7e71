import { findManifest } from "../storage/images.ts";
import { findRepository } from "../storage/repositories.ts";
import type { Exchange } from "./exchange.ts";
import { hasBody } from "./request-body.ts";
import type { Reference, Route } from "./route.ts";

type Elements = Readonly<Record<string, unknown>>;

/** A call of ECR's API that a request on `/v2` stands for. */
export type ImpliedCall = {
  readonly operation: string;
  /** What it was asked, and if it succeeded what it answered. Asked after the answer was sent. */
  readonly describe: (succeeded: boolean) => { readonly input: Elements; readonly output: Elements };
};

type RepositoryRoute = Extract<Route, { name: string }>;

/**
 * Amazon ECR User Guide, "Logging Amazon ECR actions with AWS CloudTrail": a push is InitiateLayerUpload, UploadLayerPart,
 * CompleteLayerUpload (or MountLayer) and PutImage, a pull BatchGetImage and GetDownloadUrlForLayer.
 */
export function impliedCalls(exchange: Exchange, route: Route): readonly ImpliedCall[] {
  const method = exchange.req.method ?? "";
  switch (route.to) {
    case "base":
      return [];
    case "catalog":
      return [{ operation: "DescribeRepositories", describe: () => ({ input: {}, output: {} }) }];
    case "manifest":
      return manifestCalls(exchange, route, method);
    case "blob": {
      const { digest } = route;
      if (method === "HEAD") return [plain(route, "BatchCheckLayerAvailability", { layerDigests: [digest] })];
      return method === "GET" ? [plain(route, "GetDownloadUrlForLayer", { layerDigest: digest })] : [];
    }
    case "uploads":
      return uploadStart(exchange, route);
    case "upload":
      return uploadCalls(exchange, route, method);
    case "tags":
      return [plain(route, "ListImages", {})];
    case "referrers":
      return [plain(route, "ListImageReferrers", { subjectId: { imageDigest: route.digest } })];
  }
}

type ManifestRoute = Extract<Route, { to: "manifest" }>;

function manifestCalls(exchange: Exchange, route: ManifestRoute, method: string): readonly ImpliedCall[] {
  const imageIds = [imageId(route.reference)];
  if (method === "GET" || method === "HEAD") {
    const accepted = exchange.req.headers.accept?.split(",").map((type) => type.trim());
    return [plain(route, "BatchGetImage", { imageIds, ...(accepted && { acceptedMediaTypes: accepted }) })];
  }
  if (method === "DELETE")
    return [plain(route, "BatchDeleteImage", { imageIds }, { imageIds, failures: [] })];
  return method === "PUT"
    ? [{ operation: "PutImage", describe: (done) => describePut(exchange, route, done) }]
    : [];
}

function describePut(exchange: Exchange, route: ManifestRoute, succeeded: boolean) {
  const { core, registry, res } = exchange;
  const { name: repositoryName, reference } = route;
  const asked = { repositoryName, ...imageId(reference) };
  if (!succeeded) return { input: asked, output: {} };
  const imageDigest = String(res.getHeader("docker-content-digest"));
  const repository = findRepository(core.sql, { ...registry, repository: repositoryName });
  const stored = repository && findManifest(core.sql, repository.id, imageDigest);
  const imageManifest = stored && Buffer.from(stored).toString();
  const image = {
    repositoryName,
    registryId: registry.account,
    imageManifest,
    imageId: { imageDigest, ...imageId(reference) },
  };
  return { input: { ...asked, imageManifest }, output: { image } };
}

/** With `?mount=` that came about, with the whole layer, or to be followed by its parts. */
function uploadStart(
  { req, res, query }: Exchange,
  route: Extract<Route, { to: "uploads" }>,
): readonly ImpliedCall[] {
  if (req.method !== "POST") return [];
  const digest = query.get("digest");
  const mounted = query.get("mount");
  if (mounted !== null && res.statusCode === 201) {
    const from = { mountFromRepositoryName: query.get("from") };
    return [plain(route, "MountLayer", { layerDigest: mounted, ...from }, { layerDigest: mounted })];
  }
  const location = String(res.getHeader("location") ?? "");
  const [, uploadId] = /\/uploads\/([^/?]+)/.exec(location) ?? [];
  const start = plain(route, "InitiateLayerUpload", {}, uploadId === undefined ? {} : { uploadId });
  if (digest === null || mounted !== null) return [start];
  const whole = plain(route, "CompleteLayerUpload", { layerDigests: [digest] }, { layerDigest: digest });
  return [start, plain(route, "UploadLayerPart", {}), whole];
}

function uploadCalls(
  exchange: Exchange,
  route: Extract<Route, { to: "upload" }>,
  method: string,
): readonly ImpliedCall[] {
  const uploadId = route.id;
  const part = plain(route, "UploadLayerPart", { uploadId, ...received(exchange) }, { uploadId });
  if (method === "PATCH") return [part];
  if (method !== "PUT") return [];
  const digest = exchange.query.get("digest");
  const complete = plain(
    route,
    "CompleteLayerUpload",
    { uploadId, layerDigests: [digest] },
    { uploadId, layerDigest: digest },
  );
  return hasBody(exchange.req) ? [part, complete] : [complete];
}

/** `Range: 0-<last>` of the answer says how far the upload is. */
function received({ res }: Exchange): Elements {
  const [, last] = /^0-(\d+)$/.exec(String(res.getHeader("range") ?? "")) ?? [];
  return last === undefined ? {} : { partLastByte: Number(last) };
}

function plain(
  { name: repositoryName }: RepositoryRoute,
  operation: string,
  input: Elements,
  output: Elements = {},
): ImpliedCall {
  return {
    operation,
    describe: () => ({ input: { repositoryName, ...input }, output: { repositoryName, ...output } }),
  };
}

function imageId(reference: Reference) {
  return reference.tag === undefined ? { imageDigest: reference.digest } : { imageTag: reference.tag };
}
