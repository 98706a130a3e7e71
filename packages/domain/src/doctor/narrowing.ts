import type { Statement } from "../iam-policy/policy-document.ts";

/**
 * What keeps everybody from being everybody: a condition on who asks (`who`), only on where from (`where`), or nothing that
 * others could not meet (`nothing`).
 */
export type Narrowing = { readonly by: "who" | "where" | "nothing"; readonly keys: readonly string[] };

const WHO = [
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
];
const WHERE = ["aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:vpcsourceip"];

/** Without `IfExists` and `ForAllValues:`, with which a request that lacks the key passes. */
const DEMANDS = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like)|IpAddress)$/;
/** In a Deny: whoever lacks the key is denied with the rest. */
const EXCLUDES =
  /^(ForAnyValue:)?(StringNot(Equals|EqualsIgnoreCase|Like)|ArnNot(Equals|Like)|NotIpAddress)(IfExists)?$/;

export function narrowingOf(statement: Statement): Narrowing {
  return narrowedBy(statement, DEMANDS);
}

/** What everybody is denied who is not of a narrower circle. */
export function narrowingOfDeny(statement: Statement): Narrowing {
  return narrowedBy(statement, EXCLUDES);
}

function narrowedBy({ Condition = {} }: Statement, operators: RegExp): Narrowing {
  const keys = Object.entries(Condition)
    .filter(([operator]) => operators.test(operator))
    .flatMap(([, conditions]) => Object.entries(conditions))
    .filter(([key, values]) => !values.some((value) => isAnybodys(key.toLowerCase(), value)))
    .map(([key]) => key);
  const among = (known: readonly string[]) => keys.filter((key) => known.includes(key.toLowerCase()));
  const [who, where] = [among(WHO), among(WHERE)];
  if (who.length > 0) return { by: "who", keys: who };
  return where.length > 0 ? { by: "where", keys: where } : { by: "nothing", keys: [] };
}

/** A value that anybody can meet: of every account, of every organisation, from every address. */
function isAnybodys(key: string, value: string): boolean {
  if (key === "aws:sourceip") return /\/0$/.test(value);
  if (key.includes("org")) return !/^o-[a-z0-9]{4,}(\/|$)/.test(value);
  if (key.endsWith("account")) return !/^\d{12}$/.test(value);
  if (key.endsWith("arn")) return !/^\d{12}$/.test(value.split(":")[4] ?? "");
  return /^[*?]*$/.test(value);
}
