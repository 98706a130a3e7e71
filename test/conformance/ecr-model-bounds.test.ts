import { OPERATION_INPUTS } from "@tallyman/registry/testing/operation-inputs";
import { clientOf } from "@tallyman/registry/testing/registry-client";
import { describe, expect, test } from "vitest";
import { withRegistry } from "./ecr-client.ts";
import bounds from "./ecr-model-bounds.json" with { type: "json" };

/**
 * Every bound of every input member of the service model (ecr 2015-09-21, as botocore 1.43 publishes it), both sides:
 * `string! 2..256 pattern` is a required text of 2 to 256 characters with a regular expression; `[]` is a list's element.
 */
type Bound = {
  readonly path: readonly (string | 0)[];
  readonly type: string;
  readonly required: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly values: readonly string[] | undefined;
};

function parseBound(path: string, text: string): Bound {
  const [type = "", ...more] = text.split(" ");
  const [min, max] = more.find((word) => word.includes(".."))?.split("..") ?? [];
  const number = (digits: string | undefined) => (digits ? Number(digits) : undefined);
  return {
    path: path
      .replaceAll("[]", ".0")
      .split(".")
      .map((part) => (part === "0" ? 0 : part)),
    type: type.replace("!", ""),
    required: type.endsWith("!"),
    min: number(min),
    max: number(max),
    values: more.find((word) => word.includes("|"))?.split("|"),
  };
}

/** What an optional structure needs besides the member that is tried. */
const COMPANIONS: Readonly<Record<string, object>> = {
  encryptionConfiguration: { encryptionType: "KMS" },
  imageTagMutabilityExclusionFilters: { filterType: "WILDCARD", filter: "a" },
  tags: { Key: "a", Value: "b" },
  resourceTags: { Key: "a", Value: "b" },
  rules: {
    scanFrequency: "MANUAL",
    repositoryFilters: [{ filter: "aa", filterType: "NONE" }],
    destinations: [],
    signingProfileArn: "arn:aws:signer:us-east-1:111122223333:/signing-profiles/aa",
  },
  repositoryFilters: { filter: "aa", filterType: "NONE" },
  destinations: { region: "us-west-2", registryId: "111122223333" },
};
const FILTER_TYPES: Readonly<Record<string, string>> = {
  PutRegistryScanningConfiguration: "WILDCARD",
  PutReplicationConfiguration: "PREFIX_MATCH",
  PutSigningConfiguration: "WILDCARD_MATCH",
};

type Json = { readonly [member: string]: unknown } | readonly unknown[] | undefined;

function withValue(base: unknown, path: Bound["path"], value: unknown, name = ""): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const known = base as Json;
  if (first === 0)
    return [withValue((Array.isArray(known) ? known[0] : undefined) ?? COMPANIONS[name], rest, value)];
  const members = { ...(known ?? COMPANIONS[name]) } as Record<string, unknown>;
  return {
    ...members,
    [first]: withValue(members[first] ?? (rest[0] === 0 ? undefined : COMPANIONS[first]), rest, value, first),
  };
}

const cases = Object.entries(bounds).flatMap(([operation, members]) =>
  Object.entries(members as Record<string, string>).map(([path, text]) => ({
    operation: operation as keyof typeof OPERATION_INPUTS,
    path,
    bound: parseBound(path, text),
  })),
);

const registry = withRegistry();

async function answer(operation: keyof typeof OPERATION_INPUTS, { path }: Bound, value: unknown) {
  const input = withValue(OPERATION_INPUTS[operation], path, value) as object;
  const text = JSON.stringify(input).replaceAll('"NONE"', JSON.stringify(FILTER_TYPES[operation] ?? "NONE"));
  const { body } = await clientOf(registry.server).api(operation, JSON.parse(text));
  return { type: String(body["__type"]), message: String(body["message"]) };
}

/** `Invalid parameter at 'a.1.member.b'`, or the list that a scalar stands in. */
function memberOf({ path }: Bound): string {
  const named = path.at(-1) === 0 ? path.slice(0, -1) : path;
  const name = named
    .map((part) => (part === 0 ? "1.member" : part.slice(0, 1).toLowerCase() + part.slice(1)))
    .join(".");
  return name === "repositoryNames" && path.at(-1) === 0 ? "repositoryName" : name;
}

const WRONG: Readonly<Record<string, unknown>> = {
  string: 7,
  integer: "7",
  long: "7",
  boolean: "true",
  list: "x",
  structure: "x",
  blob: 7,
};

function sized({ type, path }: Bound, size: number): unknown {
  if (type === "string") return "a".repeat(size);
  if (type !== "list") return size;
  return Array.from({ length: size }, () => COMPANIONS[String(path.at(-1))] ?? "aa");
}

test("the model's members are those of all 58 operations", () => {
  expect(Object.keys(bounds)).toEqual(Object.keys(OPERATION_INPUTS).toSorted());
  expect(cases.length).toBeGreaterThan(250);
});

describe.each(cases)("$operation $path", ({ operation, bound }) => {
  const { min, max, values, required, type } = bound;
  const refusal = `Invalid parameter at '${memberOf(bound)}' failed to satisfy constraint: `;

  test("has its JSON type", async () => {
    expect((await answer(operation, bound, WRONG[type])).type).toBe("SerializationException");
  });

  if (required && !bound.path.includes(0))
    test("is required", async () => {
      const { type: code, message } = await answer(operation, bound, null);
      expect([code, message.startsWith(refusal), message.includes("must not be null")]).toEqual([
        "InvalidParameterException",
        true,
        true,
      ]);
    });

  if (values !== undefined)
    test("takes its values and no other", async () => {
      const { type: code, message } = await answer(operation, bound, "WRONG");
      expect([code, message.startsWith(refusal)]).toEqual(["InvalidParameterException", true]);
      const listed = /enum value set: \[(.*?)\]/.exec(message)?.[1]?.split(", ").toSorted();
      expect(listed).toEqual(values?.toSorted());
      for (const value of values ?? []) {
        expect((await answer(operation, bound, value)).message).not.toContain("enum value set");
      }
    });

  const edges = [
    ...(min === undefined || min === 0
      ? []
      : [{ edge: min, beyond: min - 1, words: `greater than or equal to ${min}` }]),
    ...(max === undefined || type === "blob"
      ? []
      : [{ edge: max, beyond: max + 1, words: `less than or equal to ${max}` }]),
  ];
  test.each(edges)("is $words", async ({ edge, beyond, words }) => {
    const refused = await answer(operation, bound, sized(bound, beyond));
    expect([refused.type, refused.message.startsWith(refusal)]).toEqual(["InvalidParameterException", true]);
    expect(refused.message).toContain(words);
    expect((await answer(operation, bound, sized(bound, edge))).message).not.toContain(words);
  });
});
