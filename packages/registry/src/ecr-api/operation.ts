import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type * as z from "zod";
import type { EcrAction, Permits } from "../auth/permit.ts";
import type { Core } from "../core/core.ts";
import type { Downloads } from "../downloads/downloads.ts";

/** One call, its input validated; `permit` must be asked before anything is read or written. */
export type Call<Input> = {
  readonly input: Input;
  readonly core: Core;
  readonly caller: Caller;
  /** The registry that is asked: the Region of the call; `registryId`, or the caller's account. */
  readonly registry: Registry;
  readonly permits: Permits;
  readonly secret: Uint8Array;
  readonly downloads: Downloads;
  /** Scheme and host at which a registry serves `/v2`. */
  endpoint(registry: Registry): string;
};

/** Answers with the output's members; `undefined` ones are left out on the wire. */
export type Operation = {
  readonly name: string;
  run(call: Call<unknown>): Promise<object> | object;
  readonly input: z.ZodType;
};

/**
 * An operation with its input schema. Its IAM action has the operation's name in every case but a few, which ask
 * `permits` themselves.
 */
export function operation<Schema extends z.ZodType>(
  name: string,
  input: Schema,
  run: (call: Call<z.infer<Schema>>) => Promise<object> | object,
): Operation {
  // `call.input` was parsed by `input` right before: see call-api.ts.
  return { name, input, run: (call) => run(call as Call<z.infer<Schema>>) };
}

/** The repository that an input names, once the caller may do `action` on it. */
export function permittedRepository(
  call: Call<{ readonly repositoryName: string }>,
  action: EcrAction,
): RepositoryRef {
  const ref = { ...call.registry, repository: call.input.repositoryName };
  call.permits.onRepository({ caller: call.caller, action }, ref);
  return ref;
}
