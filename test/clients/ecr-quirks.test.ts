import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeOciLayout } from "./oci-layout.ts";
import { ClientSession, haveClients, succeeds } from "./session.ts";

describe.runIf(haveClients("skopeo", "aws"))("with the quirks of ECR", () => {
  let session: ClientSession;
  let layout: { readonly directory: string; readonly digest: string };

  beforeAll(async () => {
    session = await ClientSession.start();
    layout = await writeOciLayout("quirks of ECR\n");
    await session.product.control("POST", "switches", { strictEcr: true });
    await session.ecr("create-repository", "--repository-name", "prod/web");
  });
  afterAll(async () => {
    rmSync(layout.directory, { recursive: true, force: true });
    await session.dispose();
  });

  test("skopeo pushes, and pulls through the redirect to signed URLs, to which it takes no credentials", async () => {
    const image = `docker://${session.host}/prod/web:1.4.2`;
    const creds = await session.login();
    await succeeds("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      `--dest-creds=${creds}`,
      `oci:${layout.directory}:image`,
      image,
    ]);
    const pulled = join(session.directory, "pulled");
    await succeeds("skopeo", [
      "copy",
      "--src-tls-verify=false",
      `--src-creds=${creds}`,
      image,
      `oci:${pulled}:image`,
    ]);
    const index = JSON.parse(readFileSync(join(pulled, "index.json"), "utf8"));
    expect(index.manifests[0].digest).toBe(layout.digest);
    const tags = await succeeds("skopeo", [
      "list-tags",
      "--tls-verify=false",
      `--creds=${creds}`,
      `docker://${session.host}/prod/web`,
    ]);
    expect(JSON.parse(tags).Tags).toEqual(["1.4.2"]);
  });

  test("the AWS CLI hands out a URL that reads the layer without credentials", async () => {
    const { images } = await session.ecr(
      "batch-get-image",
      "--repository-name",
      "prod/web",
      "--image-ids",
      "imageTag=1.4.2",
    );
    const [image] = images as { imageManifest: string }[];
    const { digest, size } = JSON.parse(String(image?.imageManifest)).layers[0];
    const { downloadUrl } = await session.ecr(
      "get-download-url-for-layer",
      "--repository-name",
      "prod/web",
      "--layer-digest",
      digest,
    );
    const read = await fetch(String(downloadUrl));
    expect((await read.arrayBuffer()).byteLength).toBe(size);
  });
});
