import * as z from "../zod.ts";

/** What a person or a machine may do; each right includes the ones before it. */
export const Right = z.enum(["viewer", "operator", "approver"]);
export type Right = z.infer<typeof Right>;

/** Whether holding `held` is enough where `needed` is asked for. */
export function includesRight(held: Right, needed: Right): boolean {
  return Right.options.indexOf(held) >= Right.options.indexOf(needed);
}
