import * as z from "../zod.ts";
import { Policy } from "./policy.ts";

/** JSON Schema (draft 2020-12) of `tallyman.yaml`, for editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(Policy, { io: "input" });
}
