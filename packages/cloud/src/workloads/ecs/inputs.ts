import * as z from "zod";

export const Tags = z
  .array(z.object({ key: z.string().min(1).max(128), value: z.string().max(256).default("") }))
  .max(50)
  .default([]);

export const Strategy = z
  .array(
    z.object({
      capacityProvider: z.string().min(1),
      weight: z.number().int().min(0).max(1000).optional(),
      base: z.number().int().min(0).max(100_000).optional(),
    }),
  )
  .optional();

export const LaunchTypeInput = z.enum(["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]).optional();

/** A page of 1 to 100, and where it starts. */
export const Paging = {
  maxResults: z.number().int().min(1).max(100).default(100),
  nextToken: z.string().max(10_000).optional(),
};
