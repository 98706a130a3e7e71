import { EcrError } from "../core/errors.ts";
import type { Operation } from "./operation.ts";
import { refusalOf } from "./refuse-input.ts";

/** No operation's input nests deeper than 6; what is deeper only costs stack. */
const MAXIMUM_DEPTH = 100;

/** The operation's input; throws SerializationException for what is no JSON or has a wrong type, else what broke first. */
export function parseInput(operation: Operation, body: Uint8Array): unknown {
  const parsed = operation.input.safeParse(withoutNulls(parseJson(body)), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw refusalOf(parsed.error);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8") || "{}");
  } catch {
    throw new EcrError("SerializationException", "The request body is not valid JSON");
  }
}

/** A member that is `null` is one that was not set (AWS JSON 1.1). */
function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAXIMUM_DEPTH)
    throw new EcrError("SerializationException", "The request body is nested too deeply");
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member, depth + 1)]));
}
