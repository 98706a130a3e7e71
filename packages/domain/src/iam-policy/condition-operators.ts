import { matchesArn } from "./arn-pattern.ts";
import { isInRange } from "./ip-range.ts";
import { matchesTokens, type Segment, tokenize } from "./wildcard.ts";

/** Compares a value of the request with one value of the policy. */
type Comparison = (value: string, wanted: readonly Segment[]) => boolean;

export type Operator = {
  readonly matches: Comparison;
  /** `StringNotEquals`: satisfied where nothing matches. */
  readonly negated: boolean;
  /** Policy variables are text or ARNs; numbers, dates, booleans and addresses have none. */
  readonly variables: boolean;
};

const stringEquals: Comparison = (value, wanted) => value === textOf(wanted);
const ignoreCase: Comparison = (value, wanted) => value.toLowerCase() === textOf(wanted).toLowerCase();
const stringLike: Comparison = (value, wanted) => matchesTokens(tokenize(wanted), value);
const arnLike: Comparison = (value, wanted) => matchesArn(tokenize(wanted), value);
const bool: Comparison = (value, wanted) => ["true", "false"].includes(value) && ignoreCase(value, wanted);
const ipAddress: Comparison = (value, wanted) => isInRange(value, textOf(wanted));

const equal = (a: number, b: number) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;

/** The operators of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators: Readonly<Record<string, Operator>> = {
  StringEquals: text(stringEquals),
  StringNotEquals: not(text(stringEquals)),
  StringEqualsIgnoreCase: text(ignoreCase),
  StringNotEqualsIgnoreCase: not(text(ignoreCase)),
  StringLike: text(stringLike),
  StringNotLike: not(text(stringLike)),
  ArnEquals: text(arnLike),
  ArnLike: text(arnLike),
  ArnNotEquals: not(text(arnLike)),
  ArnNotLike: not(text(arnLike)),
  NumericEquals: numeric(equal),
  NumericNotEquals: not(numeric(equal)),
  NumericLessThan: numeric(less),
  NumericLessThanEquals: numeric(lessOrEqual),
  NumericGreaterThan: numeric(greater),
  NumericGreaterThanEquals: numeric(greaterOrEqual),
  DateEquals: date(equal),
  DateNotEquals: not(date(equal)),
  DateLessThan: date(less),
  DateLessThanEquals: date(lessOrEqual),
  DateGreaterThan: date(greater),
  DateGreaterThanEquals: date(greaterOrEqual),
  Bool: plain(bool),
  BinaryEquals: plain(stringEquals),
  IpAddress: plain(ipAddress),
  NotIpAddress: not(plain(ipAddress)),
};

export type OperatorName = {
  readonly quantifier: "any" | "all" | undefined;
  readonly ifExists: boolean;
  readonly operator: Operator | "Null";
};

/** Reads `ForAnyValue:StringLikeIfExists`; undefined for what IAM does not know. */
export function findOperator(name: string): OperatorName | undefined {
  const [, set, base = "", ifExists] =
    /^(ForAnyValue:|ForAllValues:)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
  if (name === "Null") return { quantifier: undefined, ifExists: false, operator: "Null" };
  const operator = Object.hasOwn(operators, base) ? operators[base] : undefined;
  if (!operator) return undefined;
  const quantifier = set === undefined ? undefined : set === "ForAnyValue:" ? "any" : "all";
  return { quantifier, ifExists: ifExists !== undefined, operator };
}

function text(matches: Comparison): Operator {
  return { matches, negated: false, variables: true };
}

function plain(matches: Comparison): Operator {
  return { matches, negated: false, variables: false };
}

function not(operator: Operator): Operator {
  return { ...operator, negated: true };
}

function numeric(compare: (a: number, b: number) => boolean): Operator {
  return plain((value, wanted) => compare(toNumber(value), toNumber(textOf(wanted))));
}

function date(compare: (a: number, b: number) => boolean): Operator {
  return plain((value, wanted) => compare(toEpochSeconds(value), toEpochSeconds(textOf(wanted))));
}

/** NaN for what is no number: every comparison with it is false. */
function toNumber(value: string): number {
  return value.trim() === "" ? Number.NaN : Number(value);
}

/** Dates are ISO 8601 or seconds since the epoch. */
function toEpochSeconds(value: string): number {
  return /^\d+(\.\d+)?$/.test(value) && value.length > 4 ? Number(value) : Date.parse(value) / 1000;
}

function textOf(segments: readonly Segment[]): string {
  return segments.map((segment) => segment.text).join("");
}
