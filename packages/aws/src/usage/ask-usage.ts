import type { Registry } from "@tallyman/domain/registry/registry";
import { type UnavailableUsage, UsageUnavailableError } from "@tallyman/domain/usage/errors";
import type * as z from "@tallyman/domain/zod";

/** A call of AWS by its IAM action (`ecs:ListTasks`), and what its answer must look like. */
export type Question<T> = {
  readonly action: string;
  readonly schema: z.ZodMiniType<T>;
  /** What to do when it is refused, where more than the role's permissions may be missing. */
  readonly remedy?: string;
};

/** How the services name that someone may not ask. */
const REFUSALS = /^(AccessDenied(Exception)?|UnauthorizedOperation|NotAuthorized(Exception)?)$/;

/** Asks and reads the answer. What is no answer, or not the one documented, is a UsageUnavailableError, never an empty one. */
export async function askUsage<T>(
  at: Registry,
  { action, schema, remedy }: Question<T>,
  call: () => Promise<unknown>,
): Promise<T> {
  const answer = await answered(at, { action, remedy }, call);
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const why = "an answer that is not the documented one";
  throw new UsageUnavailableError(at, { action, why }, { cause: parsed.error });
}

async function answered(
  at: Registry,
  asked: Pick<UnavailableUsage, "action" | "remedy">,
  call: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await call();
  } catch (cause) {
    const failed = { ...asked, refused: REFUSALS.test(nameOf(cause)), why: sayingOf(cause) };
    throw new UsageUnavailableError(at, failed, { cause });
  }
}

/** Asks for something that may be gone since it was listed: undefined where the service's error is called `gone`. */
export async function askIfThere<T>(
  at: Registry,
  { gone, ...question }: Question<T> & { readonly gone: string | RegExp },
  call: () => Promise<unknown>,
): Promise<T | undefined> {
  try {
    return await askUsage(at, question, call);
  } catch (error) {
    const name = error instanceof UsageUnavailableError ? nameOf(error.cause) : "";
    if (typeof gone === "string" ? name === gone : gone.test(name)) return undefined;
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** Longer sayings are cut: the whole is the error's cause. */
const LONGEST = 300;

function sayingOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, LONGEST);
  const named = error.name === "Error" || error.message.includes(error.name);
  return (named ? error.message : `${error.name}: ${error.message}`).slice(0, LONGEST);
}
