import { BlockList, isIP } from "node:net";
import type { Json } from "./json.ts";
import { EventPatternError } from "./pattern-error.ts";
import { wildcard } from "./pattern-wildcard.ts";

export type Matcher =
  | { readonly kind: "exists"; readonly exists: boolean }
  | { readonly kind: "value"; readonly test: (value: Json) => boolean };

type Test = (value: Json) => boolean;
type Path = readonly string[];

/** One array of a pattern: each element is a value to equal, or an object with one operator. */
export function compileMatchers(values: readonly unknown[], path: Path): Matcher[] {
  if (values.length === 0) throw new EventPatternError(path, "an empty array matches nothing");
  return values.map((value) => compileMatcher(value, path));
}

function compileMatcher(value: unknown, path: Path): Matcher {
  if (value === null || typeof value !== "object") return { kind: "value", test: equals(value, path) };
  const [operator, operand, ...more] = Object.entries(value).flat();
  if (Array.isArray(value) || typeof operator !== "string" || more.length > 0)
    throw new EventPatternError(path, "a matcher is a value or an object with exactly one operator");
  if (operator === "exists") {
    if (typeof operand !== "boolean") throw new EventPatternError(path, "exists takes true or false");
    return { kind: "exists", exists: operand };
  }
  return { kind: "value", test: compileOperator(operator, operand, path) };
}

const operators: Readonly<Record<string, (operand: unknown, path: Path) => Test>> = {
  prefix: (operand, path) => affix("prefix", operand, path),
  suffix: (operand, path) => affix("suffix", operand, path),
  "equals-ignore-case": (operand, path) => equalsIgnoreCase(text(operand, path)),
  wildcard: (operand, path) => wildcard(text(operand, path), path),
  cidr: (operand, path) => cidr(text(operand, path), path),
  numeric,
  "anything-but": anythingBut,
};

function compileOperator(operator: string, operand: unknown, path: Path): Test {
  const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!compile) throw new EventPatternError(path, `unknown operator ${JSON.stringify(operator)}`);
  return compile(operand, path);
}

function equals(expected: unknown, path: Path): Test {
  if (expected === undefined) throw new EventPatternError(path, "a value is missing");
  return (value) => value === expected;
}

function affix(kind: "prefix" | "suffix", operand: unknown, path: Path): Test {
  const holds = kind === "prefix" ? startsWith : endsWith;
  if (typeof operand === "object" && operand !== null) {
    const [[operator, inner] = ["", ""], ...more] = Object.entries(operand);
    if (operator !== "equals-ignore-case" || more.length > 0)
      throw new EventPatternError(path, `${kind} takes a string or {"equals-ignore-case": string}`);
    const wanted = text(inner, path).toLowerCase();
    return (value) => typeof value === "string" && holds(value.toLowerCase(), wanted);
  }
  const wanted = text(operand, path);
  return (value) => typeof value === "string" && holds(value, wanted);
}

function startsWith(value: string, wanted: string): boolean {
  return value.startsWith(wanted);
}

function endsWith(value: string, wanted: string): boolean {
  return value.endsWith(wanted);
}

function equalsIgnoreCase(wanted: string): Test {
  return (value) => typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
}

function cidr(range: string, path: Path): Test {
  const [address = "", bits = ""] = range.split("/");
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > longest)
    throw new EventPatternError(path, `cidr takes an address range such as 10.0.0.0/24, not ${range}`);
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return (value) => {
    const kind = typeof value === "string" ? isIP(value) : 0;
    return kind !== 0 && typeof value === "string" && list.check(value, kind === 4 ? "ipv4" : "ipv6");
  };
}

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "=": (left, right) => left === right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

/** `["=", 3]`, `[">", 0, "<=", 5]`. AWS limits the numbers to five billion either way. */
function numeric(operand: unknown, path: Path): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw new EventPatternError(path, "numeric takes one or two comparisons");
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = comparisons[String(operand[index])];
    const limit: unknown = operand[index + 1];
    if (!compare || typeof limit !== "number" || Math.abs(limit) > 5e9)
      throw new EventPatternError(path, "a comparison is =, <, <=, > or >= and a number up to 5e9");
    tests.push((value) => compare(value, limit));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

/** A value or list of values that it is not, or an object with one of the operators below over a string or a list. */
function anythingBut(operand: unknown, path: Path): Test {
  const inner = isOperator(operand) ? Object.entries(operand) : undefined;
  if (!inner) {
    const excluded = listOf(operand, path).map((value) => plain(value, path));
    return (value) => !excluded.some((one) => one === value);
  }
  const [[operator, values] = ["", undefined], ...more] = inner;
  if (more.length > 0 || !["prefix", "suffix", "wildcard", "equals-ignore-case"].includes(operator))
    throw new EventPatternError(path, `anything-but does not take ${JSON.stringify(operator)}`);
  const tests = listOf(values, path).map((one) => compileOperator(operator, text(one, path), path));
  return (value) => typeof value === "string" && !tests.some((test) => test(value));
}

function isOperator(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown, path: Path): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new EventPatternError(path, "an empty list excludes nothing");
  return list;
}

function plain(value: unknown, path: Path): string | number {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new EventPatternError(path, "anything-but takes strings and numbers");
}

function text(value: unknown, path: Path): string {
  if (typeof value === "string") return value;
  throw new EventPatternError(path, "expected a string");
}
