import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  GetDownloadUrlForLayerCommand,
  GetLifecyclePolicyPreviewCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  StartLifecyclePolicyPreviewCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { OCI_MANIFEST, sha256 } from "../registry-client.ts";
import type { Step } from "./image-steps.ts";
import { orRefusal, type Place } from "./place.ts";

const MEBIBYTE = 1024 * 1024;
const BLOB = Buffer.from("a layer that is small enough to be served at once");

/** A manifest that has these bytes both as its config and as its layer. */
function manifestOf(bytes: Buffer) {
  const blob = { mediaType: "application/vnd.example", digest: sha256(bytes), size: bytes.byteLength };
  return { schemaVersion: 2, mediaType: OCI_MANIFEST, config: blob, layers: [blob] };
}
async function pushBlobImage({ client, repository }: Place) {
  await client.pushBlob(repository, BLOB);
  return client.pushManifest(repository, undefined, manifestOf(BLOB));
}
async function begin({ client, repository }: Place): Promise<Response> {
  return client.request("POST", `/v2/${repository}/blobs/uploads/`);
}
async function onUpload(place: Place, method: string): Promise<number> {
  const location = new URL((await begin(place)).headers.get("location") ?? "", "http://registry");
  return (await place.client.request(method, location.pathname + location.search)).status;
}

const TRANSFERS: Readonly<Record<string, Step>> = {
  layerApi: {
    act: async ({ ecr, repository: repositoryName }) => {
      const { uploadId, partSize = 0 } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
      const layerPartBlob = Buffer.from("of an image that came by the API alone");
      const part = { repositoryName, uploadId, partFirstByte: 0, partLastByte: layerPartBlob.byteLength - 1 };
      await ecr.send(new UploadLayerPartCommand({ ...part, layerPartBlob }));
      const layerDigests = [sha256(layerPartBlob)];
      await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests }));
      const imageManifest = JSON.stringify(manifestOf(layerPartBlob));
      await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "7.0.0" }));
      return `${partSize / MEBIBYTE}MiB`;
    },
    answers: ({ layerPartSize }) => layerPartSize,
    told: ({ untaggedPushEvents }) => untaggedPushEvents,
  },
  largePart: {
    act: async ({ ecr, repository: repositoryName }) => {
      const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
      const layerPartBlob = Buffer.alloc(10 * MEBIBYTE + 1);
      const part = { repositoryName, uploadId, partFirstByte: 0, partLastByte: layerPartBlob.byteLength - 1 };
      return orRefusal(ecr.send(new UploadLayerPartCommand({ ...part, layerPartBlob })));
    },
    answers: ({ maxLayerPart }) => (maxLayerPart === "20MiB" ? "accepted" : "InvalidParameterException"),
  },
  downloadUrl: {
    act: async (place) => {
      await pushBlobImage(place);
      const input = { repositoryName: place.repository, layerDigest: sha256(BLOB) };
      const { downloadUrl = "" } = await place.ecr.send(new GetDownloadUrlForLayerCommand(input));
      return new URL(downloadUrl).searchParams.get("X-Amz-Expires");
    },
    answers: ({ downloadUrlLife }) => ({ "1h": "3600", "15m": "900" })[downloadUrlLife],
  },
  blobGet: {
    act: async (place) => {
      await pushBlobImage(place);
      return (await place.v2("GET", `blobs/${sha256(BLOB)}`)).status;
    },
    answers: ({ strictEcr, directBlobs }) => (strictEcr && directBlobs === "none" ? 307 : 200),
  },
  blobDelete: {
    act: async ({ client, repository, v2 }) =>
      (await v2("DELETE", `blobs/${await client.pushBlob(repository, Buffer.from("of no image"))}`)).status,
    answers: ({ strictEcr, deleteBlobs }) => (strictEcr || !deleteBlobs ? 405 : 202),
  },
  uploadStart: {
    act: async (place) => (await begin(place)).headers.has("docker-upload-uuid"),
    answers: ({ uploadStartHeaders }) => uploadStartHeaders,
  },
  uploadStatus: {
    act: (place) => onUpload(place, "GET"),
    answers: ({ uploadStatus }) => (uploadStatus ? 204 : 405),
  },
  uploadCancel: {
    act: (place) => onUpload(place, "DELETE"),
    answers: ({ uploadCancel }) => (uploadCancel ? 204 : 405),
  },
  missingContent: {
    act: async ({ v2 }) => {
      const body = Buffer.from(JSON.stringify(manifestOf(Buffer.from("never pushed"))));
      const init = { headers: { "content-type": OCI_MANIFEST }, body };
      return (await v2("PUT", "manifests/1.0.0", init)).status;
    },
    answers: ({ missingContent }) => (missingContent === "UNSUPPORTED" ? 405 : 404),
  },
  manifestDeleteByTag: {
    prepare: ({ push }) => push("9.0.0", "to be deleted"),
    act: async ({ v2 }) => (await v2("DELETE", "manifests/9.0.0")).status,
    answers: ({ deleteByTag }) => (deleteByTag ? 202 : 404),
  },
  manifestGet: {
    prepare: ({ push }) => push("8.0.0", "to be read"),
    act: async ({ v2 }) => (await v2("GET", "manifests/8.0.0")).headers.has("docker-content-digest"),
    answers: ({ strictEcr }) => !strictEcr,
  },
  catalog: {
    act: async ({ client }) => (await client.request("GET", "/v2/_catalog?n=1")).headers.has("link"),
    answers: ({ catalogPaging }) => catalogPaging,
  },
  referrers: {
    act: async ({ v2 }) =>
      (await v2("GET", `referrers/${sha256("nothing")}?artifactType=a/b`)).headers.has("oci-filters-applied"),
    answers: ({ referrersFilterHeader }) => referrersFilterHeader,
  },
  nameWithDigit: {
    act: ({ ecr, repository }) =>
      orRefusal(ecr.send(new CreateRepositoryCommand({ repositoryName: `1-${repository}` }))),
    answers: ({ repositoryNameStart }) =>
      repositoryNameStart === "any" ? "accepted" : "InvalidParameterException",
  },
  preview: {
    prepare: async (place) => {
      await place.govern({ tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 1 });
      const { repository: repositoryName, ecr } = place;
      await ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName }));
      return undefined;
    },
    act: async ({ ecr, repository: repositoryName }) =>
      (await ecr.send(new GetLifecyclePolicyPreviewCommand({ repositoryName }))).status,
    answers: () => "EXPIRED",
  },
};

/** How clients transfer layers and manifests; none of it may keep an image from the inventory. All in one repository. */
export const TRANSFER_STEPS: Readonly<Record<string, Step>> = Object.fromEntries(
  Object.entries(TRANSFERS).map(([name, step]) => [name, { ...step, place: "transfers" }]),
);
