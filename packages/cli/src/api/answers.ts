import * as z from "zod";

// What this command reads of the API's answers; whatever else they hold passes through to `--json`.

const Registry = z.looseObject({ account: z.string(), region: z.string() });
const RepositoryRef = Registry.extend({ repository: z.string() });

export const Repository = RepositoryRef.extend({
  images: z.number(),
  tags: z.number(),
  openViolations: z.number(),
  bytes: z.number(),
  asOf: z.string(),
  /** Absent: the totals are those of the first push, nobody has counted yet. */
  reconciledAt: z.string().optional(),
});
export type Repository = z.infer<typeof Repository>;

export const Image = RepositoryRef.extend({
  digest: z.string(),
  tags: z.array(z.string()),
  state: z.string(),
  status: z.string(),
  mediaType: z.string().optional(),
  size: z.number().optional(),
  pushedAt: z.string().optional(),
});
export type Image = z.infer<typeof Image>;

export const TagInterval = z.looseObject({
  tag: z.string(),
  digest: z.string().nullable(),
  since: z.string(),
  until: z.string().optional(),
  cause: z.string(),
});
export type TagInterval = z.infer<typeof TagInterval>;

export const Violation = RepositoryRef.extend({
  tag: z.string(),
  digest: z.string(),
  rule: z.string(),
  reason: z.string(),
  openedAt: z.string(),
});

export const Replica = z.looseObject({
  source: Registry,
  destination: Registry,
  repository: z.string(),
  digest: z.string(),
  tag: z.string(),
  state: z.string(),
  expectedAt: z.string(),
  failureCode: z.string().optional(),
});

export const AuditEntry = z.looseObject({
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  reason: z.string(),
});

export const Brake = z.looseObject({
  on: z.boolean(),
  reason: z.string(),
  by: z.string(),
  at: z.string(),
  version: z.number(),
});
export type Brake = z.infer<typeof Brake>;

const Readable = z.looseObject({ readable: z.boolean(), problem: z.string().optional() });

export const Health = z.looseObject({
  status: z.string(),
  table: Readable,
  policy: Readable,
  declared: Readable.optional(),
  brake: Brake.optional(),
  registries: z.array(Registry),
});
export type Health = z.infer<typeof Health>;

export const DeadLetterQueues = z.looseObject({
  items: z.array(z.looseObject({ name: z.string(), messages: z.number() })),
});

export const Redrives = z.looseObject({
  items: z.array(
    z.looseObject({
      state: z.string(),
      startedAt: z.string(),
      moved: z.number(),
      toMove: z.number().optional(),
      failureReason: z.string().optional(),
    }),
  ),
});

export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

export const Page = z.looseObject({ items: z.array(z.unknown()), next: z.string().optional() });
