import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sha256 } from "../testing/image-builder.ts";
import { EMPTY_LAYER, toGoJson, toSchema1 } from "./schema1-image.ts";

const layers = ["base", "second"].map((text) => sha256(Buffer.from(text)));
const history = [
  { created: "2026-11-20T10:00:00.5Z", created_by: "ADD base" },
  {
    created: "2026-11-20T10:00:01Z",
    created_by: "ENV a=b && c",
    empty_layer: true,
    author: "B <b@example.com>",
  },
  { created: "2026-11-20T10:00:02Z", created_by: "RUN second", comment: "buildkit\u2028" },
  { created: "2026-11-21T10:00:00Z", created_by: 'CMD ["/bin/sh"]', empty_layer: true },
];
const config = {
  architecture: "arm64",
  os: "linux",
  author: "A <a@example.com> & Söhne",
  created: "2026-11-21T10:00:00.000000001Z",
  variant: "v8",
  config: { Cmd: ["/bin/sh"], Labels: { z: "1", a: "<b>" }, Entrypoint: null, StopTimeout: 10 },
  docker_version: "1.13.1",
  history,
  rootfs: { type: "layers", diff_ids: layers },
};
const convert = (value: unknown, names = layers) =>
  toSchema1({ name: "team/app", tag: "1.0", config: Buffer.from(JSON.stringify(value)), layers: names });

describe("an image of schema 1", () => {
  test("is to the byte what Docker's own registry makes of the same image", () => {
    // As `docker-registry` 2.8.2 answered for this config and these layers under team/app:1.0.
    expect(sha256(Buffer.from(toGoJson(convert(config) ?? {}, 3)))).toBe(
      "sha256:bce8d5e8166defe549a964f8cd53d0ce9dbb69c867e18d2d8adf8cff57bb1679",
    );
  });

  test("has a layer for each step, the newest first: of those that changed no file, one without files", () => {
    const made = convert(config);
    const [base, second] = layers;
    expect(made?.fsLayers.map(({ blobSum }) => blobSum)).toEqual([
      EMPTY_LAYER.digest,
      second,
      EMPTY_LAYER.digest,
      base,
    ]);
    const entries = made?.history.map((entry) => JSON.parse(entry.v1Compatibility)) ?? [];
    expect(entries.map(({ throwaway }) => throwaway)).toEqual([true, undefined, true, undefined]);
    expect(entries.map(({ parent }) => parent)).toEqual([...entries.slice(1).map(({ id }) => id), undefined]);
    expect(entries[0]).toMatchObject({ os: "linux", config: config.config });
    expect(entries[0]).not.toHaveProperty("rootfs");
    expect(entries[0]).not.toHaveProperty("history");
  });

  test("of one step has one layer without a parent", () => {
    const made = convert(
      { architecture: "amd64", history: [{}], rootfs: { diff_ids: [layers[0]] } },
      layers.slice(0, 1),
    );
    expect(made?.fsLayers).toEqual([{ blobSum: layers[0] }]);
    expect(JSON.parse(made?.history[0]?.v1Compatibility ?? "")).not.toHaveProperty("parent");
  });

  test.each([
    ["without a history", { ...config, history: [] }],
    ["that says nothing of its layers", { ...config, rootfs: undefined }],
    ["with a step too few", { ...config, history: history.slice(1) }],
    ["with a step too many", { ...config, history: [...history, { created_by: "RUN third" }] }],
    ["of other layers", { ...config, rootfs: { type: "layers", diff_ids: layers.slice(1) } }],
    ["whose history is none", { ...config, history: [1] }],
    ["that is no object", []],
  ])("is not made of a config %s", (_, value) => {
    expect(convert(value)).toBeUndefined();
  });

  test.each([
    ["not JSON", "{"],
    [
      "so deep that no reader comes back from it",
      JSON.stringify({ ...config, deep: 0 }).replace("0}", `${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
    ],
    ["two to two readers", JSON.stringify(config).replace("{", '{"os":"windows",')],
    ["a history without end", JSON.stringify({ ...config, history: Array(200_000).fill({}) })],
  ])("is not made of a config that is %s", (_, text) => {
    const start = performance.now();
    expect(toSchema1({ name: "a", tag: "b", config: Buffer.from(text), layers })).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

test("the layer without files is a gzipped tar of nothing but its end, under the digest that is known of it", () => {
  expect(sha256(EMPTY_LAYER.bytes)).toBe(EMPTY_LAYER.digest);
  expect(gunzipSync(EMPTY_LAYER.bytes).equals(Buffer.alloc(1024))).toBe(true);
});
