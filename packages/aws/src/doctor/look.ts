import type { Looked, Unseen } from "@tallyman/domain/doctor/looked";
import * as z from "@tallyman/domain/zod";

export type Question<T> = {
  /** As policies name it: `iam:GetRole`. */
  readonly action: string;
  readonly schema: z.ZodMiniType<T>;
  /** Names of the errors that mean "that is not there". */
  readonly gone?: readonly string[];
};

/**
 * Asks AWS one thing. A refusal, a throttle that lasts, an answer that is not the documented one: all are `unseen`, with the
 * action that it took. What is not there is seen, and undefined.
 */
export async function look<T>(
  { action, schema, gone = [] }: Question<T>,
  call: () => Promise<unknown>,
): Promise<Looked<T | undefined>> {
  try {
    return { seen: schema.parse(await call()) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return gone.includes(error.name) ? { seen: undefined } : { unseen: unseenBecause(action, error) };
  }
}

/** The same where "that is not there" is no answer. */
export async function lookAt<T>(question: Question<T>, call: () => Promise<unknown>): Promise<Looked<T>> {
  const { action } = question;
  const found = await look(question, call);
  if ("unseen" in found) return found;
  if (found.seen === undefined)
    return { unseen: { action, reason: `${action} gave no answer`, refused: false } };
  return { seen: found.seen };
}

export type Page<T> = { readonly items: readonly T[]; readonly next?: string | undefined };

/** Every page of a list; one that cannot be read leaves nothing seen. `gone`: the list's owner is not there. */
export async function lookAtAll<T>(
  question: Question<Page<T>>,
  ask: (next: string | undefined) => Promise<unknown>,
): Promise<Looked<readonly T[]>> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const page = await look(question, () => ask(next));
    if ("unseen" in page) return page;
    all.push(...(page.seen?.items ?? []));
    next = page.seen?.next;
  } while (next);
  return { seen: all };
}

/** A page under the names that the operation has for its items and its token. */
export function pageOf<T>(
  items: string,
  item: z.ZodMiniType<T>,
  token = "nextToken",
): z.ZodMiniType<Page<T>> {
  const shape = z.object({
    [items]: z._default(z.array(item), []),
    [token]: z.optional(z.nullable(z.string())),
  });
  return z.pipe(
    shape,
    z.transform((page) => ({
      items: page[items] as readonly T[],
      next: (page[token] as string | null) ?? undefined,
    })),
  ) as z.ZodMiniType<Page<T>>;
}

const REFUSED = /AccessDenied|NotAuthorized|Unauthorized|Forbidden|OptInRequired/;

function unseenBecause(action: string, error: Error): Unseen {
  const named = error.message.includes(error.name) || error.name === "Error";
  const reason = error.name === "$ZodError" ? "its answer is not the documented one" : error.message;
  return {
    action,
    reason: `${action}: ${named ? "" : `${error.name}: `}${reason}`,
    refused: REFUSED.test(`${error.name} ${error.message}`),
  };
}
