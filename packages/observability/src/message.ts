import type * as z from "@tallyman/domain/zod";

/** A message body that is not what its queue carries. `problems` name fields and what was expected, never values. */
export class MalformedMessageError extends Error {
  readonly code = "MALFORMED_MESSAGE";
  readonly messageId: string;
  readonly problems: readonly string[];

  constructor(messageId: string, problems: readonly string[]) {
    super(`the message ${messageId} is malformed: ${problems.join("; ")}. It goes to the dead-letter queue`);
    this.name = "MalformedMessageError";
    this.messageId = messageId;
    this.problems = problems;
  }
}

const PROBLEMS_SHOWN = 5;

/** The body as JSON, checked against the schema; throws MalformedMessageError. */
export function parseMessage<Schema extends z.ZodMiniType>(
  schema: Schema,
  record: { readonly messageId: string; readonly body: string },
): z.output<Schema> {
  const result = schema.safeParse(readJson(record));
  if (result.success) return result.data;
  const problems = result.error.issues.slice(0, PROBLEMS_SHOWN).map(describe);
  throw new MalformedMessageError(record.messageId, problems);
}

function readJson(record: { readonly messageId: string; readonly body: string }): unknown {
  try {
    return JSON.parse(record.body);
  } catch {
    // The parser's own message quotes the body.
    throw new MalformedMessageError(record.messageId, ["the body is not JSON"]);
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
