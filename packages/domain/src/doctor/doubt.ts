import type { Statement } from "../iam-policy/policy-document.ts";
import type { RequestContext } from "../iam-policy/policy-variables.ts";
import { contextValue } from "../iam-policy/policy-variables.ts";

/** What is known of a request: values of condition keys, and keys that are surely absent from it. */
export type KnownContext = {
  readonly values: RequestContext;
  /** Lower case; a key that ends in `/` stands for all that begin with it. */
  readonly absent: readonly string[];
};

export function isKnown({ values, absent }: KnownContext, key: string): boolean {
  const name = key.toLowerCase();
  if (contextValue(values, name) !== undefined) return true;
  return absent.some((it) => (it.endsWith("/") ? name.startsWith(it) : name === it));
}

/** The condition keys that a statement looks at, in conditions and variables, and of which nothing is known. */
export function unknownKeys(statement: Statement, known: KnownContext): readonly string[] {
  const conditions = Object.values(statement.Condition ?? {}).flatMap((keys) => Object.entries(keys));
  const texts = [...(statement.Resource ?? []), ...(statement.NotResource ?? [])];
  const keys = [
    ...conditions.map(([key]) => key),
    ...conditions.flatMap(([, values]) => values.flatMap(variablesOf)),
    ...texts.flatMap(variablesOf),
  ];
  return [...new Set(keys.map((key) => key.toLowerCase()))].filter((key) => !isKnown(known, key));
}

/** The statement as it would be if everything unknown turned out so that it applies. */
export function withoutDoubt(statement: Statement, known: KnownContext): Statement {
  const isOpen = (text: string) => variablesOf(text).some((key) => !isKnown(known, key));
  const isSettled = ([key, values]: [string, readonly string[]]) =>
    isKnown(known, key) && !values.some(isOpen);
  const { Condition, Resource, NotResource, ...rest } = statement;
  const settled = Object.entries(Condition ?? {}).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).filter(isSettled)),
  ]);
  const spared = NotResource?.filter((text) => !isOpen(text));
  return {
    ...rest,
    ...(Condition && { Condition: Object.fromEntries(settled) }),
    ...(Resource && { Resource: Resource.map((text) => (isOpen(text) ? "*" : text)) }),
    ...(spared && (spared.length > 0 ? { NotResource: spared } : { Resource: ["*"] })),
  };
}

function variablesOf(text: string): readonly string[] {
  const keys = [...text.matchAll(/\$\{\s*([^},\s]+)[^}]*\}/g)].map((match) => match[1] ?? "");
  return keys.filter((key) => !["*", "?", "$"].includes(key));
}
