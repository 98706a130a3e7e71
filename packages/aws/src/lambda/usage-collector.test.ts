import { UsageUnavailableError } from "@tallyman/domain/usage/errors";
import { UsageItem } from "@tallyman/domain/usage/evidence";
import { expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { HUB } from "../../../../test/builders/registry.ts";
import { answersOf, type FakeAccount } from "../../../../test/support/aws-account.ts";
import { refusal } from "../../../../test/support/aws-wire.ts";
import { collectAll, WIRE_CLIENTS, wired } from "../../../../test/support/collecting.ts";
import { UnreadableCursorError } from "../usage/cursor.ts";
import { lambdaUsageCollector } from "./usage-collector.ts";

const REPOSITORY = "111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/resize";
const open = () => lambdaUsageCollector(WIRE_CLIENTS);
const code = (tag: string) => ({
  ImageUri: `${REPOSITORY}:${tag}`,
  ResolvedImageUri: `${REPOSITORY}@${aDigest(tag)}`,
});
const item = (tag: string, qualifier: string, name = "resize") => ({
  image: `${REPOSITORY}:${tag}`,
  digest: aDigest(tag),
  kind: "version",
  account: HUB.account,
  region: HUB.region,
  service: `function/${name}:${qualifier}`,
});

test("$LATEST, every version and every alias use what they were made from; functions of zip files nothing", async () => {
  const weights = { RoutingConfig: { AdditionalVersionWeights: { "2": 0.1 } } };
  const account: FakeAccount = {
    functions: [
      { name: "zip", zip: true, versions: { $LATEST: { ImageUri: "" } } },
      {
        name: "resize",
        versions: { $LATEST: code("latest"), "1": code("one"), "2": code("two") },
        aliases: [
          { Name: "live", FunctionVersion: "1", ...weights },
          { Name: "next", FunctionVersion: "$LATEST" },
        ],
      },
    ],
  };
  const wire = await wired(answersOf(account));
  const { items } = await collectAll(open);
  expect(items).toEqual([
    item("one", "1"),
    item("two", "2"),
    item("latest", "$LATEST"),
    item("one", "live"),
    item("two", "live"),
    item("latest", "next"),
  ]);
  for (const it of items) expect(UsageItem.parse(it)).toEqual(it);
  expect(wire.counts()).toEqual({
    "lambda:ListFunctions": 1,
    "lambda:GetFunction": 6,
    "lambda:ListAliases": 1,
  });
});

test("what Lambda has not resolved is used by its tag", async () => {
  const account = { functions: [{ name: "f", versions: { $LATEST: { ImageUri: `${REPOSITORY}:1` } } }] };
  await wired(answersOf(account));
  const { items } = await collectAll(open);
  expect(items).toMatchObject([{ image: `${REPOSITORY}:1`, service: "function/f:$LATEST" }]);
  expect(items[0]).not.toHaveProperty("digest");
});

test.each([0, 1, 50, 51, 120])(
  "%i functions cost as many calls as they have versions and aliases",
  async (count) => {
    const names = Array.from({ length: count }, (_, i) => `f-${i}`);
    const aliases = Array.from({ length: 51 }, (_, i) => ({ Name: `a-${i}`, FunctionVersion: "1" }));
    const account = {
      functions: names.map((name, i) => ({
        name,
        versions: { $LATEST: code(name), "1": code(name) },
        ...(i === 0 && { aliases }),
      })),
    };
    const wire = await wired(answersOf(account));
    const { items } = await collectAll(open);
    const aliased = count === 0 ? 0 : 51;
    expect(items).toHaveLength(2 * count + aliased);
    const called = {
      "lambda:ListFunctions": Math.max(1, Math.ceil((2 * count) / 50)),
      "lambda:GetFunction": 2 * count + aliased,
      "lambda:ListAliases": count === 0 ? 0 : count + 1,
    };
    expect(wire.counts()).toEqual(Object.fromEntries(Object.entries(called).filter(([, n]) => n > 0)));
  },
);

test("a version that is deleted meanwhile is left out, and so are the aliases of such a function", async () => {
  const account = { functions: [{ name: "resize", versions: { $LATEST: code("a"), "1": code("b") } }] };
  const answers = answersOf(account);
  const gone = refusal("ResourceNotFoundException", 404);
  await wired({
    ...answers,
    "lambda:GetFunction": (call) =>
      call.input["Qualifier"] === "1" ? gone : (answers["lambda:GetFunction"]?.(call) ?? gone),
    "lambda:ListAliases": () => gone,
  });
  expect((await collectAll(open)).items).toEqual([item("a", "$LATEST")]);
});

test.each([
  [
    "lambda:ListFunctions",
    "AccessDeniedException",
    403,
    "may not lambda:ListFunctions in 111122223333/us-east-1",
  ],
  ["lambda:GetFunction", "AccessDeniedException", 403, "may not lambda:GetFunction"],
  ["lambda:ListAliases", "AccessDeniedException", 403, "may not lambda:ListAliases"],
  ["lambda:GetFunction", "InvalidParameterValueException", 400, "lambda:GetFunction got no usable answer"],
])("%s that is answered %s is an error that says so, never an end", async (action, name, status, message) => {
  const account = { functions: [{ name: "resize", versions: { $LATEST: code("a") } }] };
  await wired({ ...answersOf(account), [action]: () => refusal(name, status) });
  const failed = collectAll(open);
  await expect(failed).rejects.toThrow(UsageUnavailableError);
  await expect(failed).rejects.toThrow(message);
});

test("a function of an image without its name is an error, not a function without an image", async () => {
  const account = { functions: [{ name: "resize", versions: { $LATEST: code("a") } }] };
  await wired({ ...answersOf(account), "lambda:GetFunction": () => ({ body: { Code: {} } }) });
  await expect(collectAll(open)).rejects.toThrow(/not the documented one/);
});

test("a place to go on that another version wrote is an error", async () => {
  await expect(open().collect(HUB, { revisions: 5 }, "Marker")).rejects.toThrow(UnreadableCursorError);
});
