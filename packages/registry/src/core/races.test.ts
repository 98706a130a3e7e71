import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anImage, type BuiltManifest } from "../testing/image-builder.ts";
import { type ApiAnswer, clientOf, type RegistryClient, remoteServer } from "../testing/registry-client.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";

const repositoryName = "team/app";
const images = Array.from({ length: 8 }, (_, number) => anImage([`layer ${number}`]));
let server: RegistryServer;
/** Over connections of its own, many at a time. */
let client: RegistryClient;

beforeEach(async () => {
  server = await startRegistryServer();
  client = clientOf(remoteServer(server.url));
  await client.api("CreateRepository", { repositoryName, imageTagMutability: "IMMUTABLE" });
  for (const blob of images.flatMap((image) => image.blobs)) await client.pushBlob(repositoryName, blob);
});
afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server.close();
});

function put(image: BuiltManifest, imageTag: string) {
  return client.api("PutImage", { repositoryName, imageManifest: image.bytes.toString(), imageTag });
}
function putOverV2(image: BuiltManifest, tag: string) {
  const path = `/v2/${repositoryName}/manifests/${tag}`;
  return client.v2({ method: "PUT", path, body: image.bytes, headers: { "Content-Type": image.mediaType } });
}
/** How often each outcome came: the exception, or "done". */
function outcomes(answers: readonly ApiAnswer[]): Record<string, number> {
  const names = answers.map(({ body }) => String(body["__type"] ?? "done"));
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((it) => it === name).length]),
  );
}
async function ids() {
  return (await client.api("ListImages", { repositoryName })).body["imageIds"];
}

describe("of those who want at the same time", () => {
  test("an immutable tag for images of their own, one gets it, and the others leave nothing behind", async () => {
    const answers = await Promise.all(images.map((image) => put(image, "1")));
    expect(outcomes(answers)).toEqual({ done: 1, ImageTagAlreadyExistsException: 7 });
    const winner = images[answers.findIndex(({ status }) => status === 200)]?.digest;
    expect(await ids()).toEqual([{ imageDigest: winner, imageTag: "1" }]);
  });

  test("it over both protocols, one gets it too", async () => {
    const [pushed, put_] = await Promise.all([
      Promise.all(images.slice(0, 4).map((image) => putOverV2(image, "1"))),
      Promise.all(images.slice(4).map((image) => put(image, "1"))),
    ]);
    const done = [
      ...pushed.filter(({ status }) => status === 201),
      ...put_.filter(({ status }) => status === 200),
    ];
    expect(done).toHaveLength(1);
    expect(await ids()).toHaveLength(1);
  });

  test("the same image under the same tag, one is told that it did it, the others that it is there", async () => {
    const [image] = images;
    const answers = await Promise.all(images.map(() => put(image ?? anImage(), "1")));
    expect(outcomes(answers)).toEqual({ done: 1, ImageAlreadyExistsException: 7 });
    expect(server.events).toHaveLength(1);
  });

  test("a repository made, or gone, one does it", async () => {
    const ask = (operation: string) =>
      Promise.all(images.map(() => client.api(operation, { repositoryName: "other" })));
    expect(outcomes(await ask("CreateRepository"))).toEqual({ done: 1, RepositoryAlreadyExistsException: 7 });
    expect(outcomes(await ask("DeleteRepository"))).toEqual({ done: 1, RepositoryNotFoundException: 7 });
  });

  test("to push while others delete the repository, each is told what became of it", async () => {
    const answers = await Promise.all(
      images.flatMap((image, number) => [
        put(image, String(number)),
        client.api("DeleteRepository", { repositoryName, force: true }),
        client.api("CreateRepository", { repositoryName }),
      ]),
    );
    const known = [
      "done",
      "RepositoryNotFoundException",
      "RepositoryAlreadyExistsException",
      "LayersNotFoundException",
    ];
    expect(Object.keys(outcomes(answers)).filter((name) => !known.includes(name))).toEqual([]);
    const found = await client.api("DescribeRepositories", {});
    const there = found.body["repositories"]?.["0"] !== undefined;
    expect((await client.api("ListImages", { repositoryName })).status).toBe(there ? 200 : 400);
  });
});
