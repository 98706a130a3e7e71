import { describe, expect, test } from "vitest";
import { examineLambda } from "./examine-lambda.ts";
import type { FunctionFacts } from "./facts.ts";
import {
  account,
  DIGEST,
  FN,
  HOST,
  image,
  type Look,
  OTHER,
  place,
  said,
  unseen,
} from "./testing/healthy-account.ts";

describe("doctor lambda", () => {
  const lambda = (given: Partial<Look> = {}, name?: string) =>
    said(examineLambda(account(given), { place, ...(name !== undefined && { function: name }) }));
  const fn = (more: Partial<FunctionFacts>) => ({
    listFunctions: async () => ({ seen: [{ seen: { ...FN, ...more } }] }),
  });

  test.each<[string, Partial<Look>, string[]]>([
    ["all well", {}, []],
    [
      "functions unseen",
      { listFunctions: async () => ({ unseen }) },
      ["region us-east-1: functions unknown"],
    ],
    [
      "a function unseen",
      { listFunctions: async () => ({ seen: [{ unseen }] }) },
      ["functions: function unknown"],
    ],
    ["trouble", fn({ trouble: "ImageDeleted" }), ["function resize:1: state problem"]],
    ["no role", { findRole: async () => ({ seen: undefined }) }, ["function resize:1: trust problem"]],
    ["a role unseen", { findRole: async () => ({ unseen }) }, ["function resize:1: trust unknown"]],
    [
      "no policy",
      { findPolicy: async () => ({ seen: undefined }) },
      ["function resize:1: lambda-may-pull warning", "function resize:1: lambda-may-pull warning"],
    ],
    [
      "an index",
      {
        findImage: async () => ({ seen: { ...image, mediaType: "application/vnd.oci.image.index.v1+json" } }),
      },
      ["function resize:1: no-index problem"],
    ],
    [
      "a tag that moved",
      fn({ resolvedImage: `${HOST}/prod/web@${OTHER}` }),
      ["function resize:1: resolved warning"],
    ],
    [
      "a tag that moved, and nothing left of what runs",
      {
        ...fn({ resolvedImage: `${HOST}/prod/web@${OTHER}` }),
        findImage: async ({ reference }) => ({ seen: "tag" in reference ? image : undefined }),
      },
      ["function resize:1: resolved warning", "function resize:1: running-there problem"],
    ],
    [
      "another Region",
      fn({
        image: `${HOST.replace("east", "west")}/prod/web@${DIGEST}`,
        resolvedImage: `${HOST.replace("east", "west")}/prod/web@${DIGEST}`,
      }),
      ["function resize:1: region problem"],
    ],
  ])("with %s", async (_, given, expected) => {
    expect(await lambda(given)).toEqual(expected);
  });

  test("a function that was named and is none is no success", async () => {
    expect(await lambda({ listFunctions: async () => ({ seen: undefined }) }, "x")).toEqual([
      "function x: function unknown",
    ]);
    expect(await lambda({ listFunctions: async () => ({ seen: [] }) }, "x")).toEqual([
      "function x: function unknown",
    ]);
    expect(await lambda({ listFunctions: async () => ({ seen: [] }) })).toEqual([]);
  });
});
