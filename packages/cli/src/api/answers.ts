import * as z from "zod";

// What this command reads of the API's answers; whatever else they hold passes through to `--json`.

const Registry = z.looseObject({ account: z.string(), region: z.string() });
const RepositoryRef = Registry.extend({ repository: z.string() });

export const Repository = RepositoryRef.extend({
  images: z.number(),
  tags: z.number(),
  openViolations: z.number(),
  bytes: z.number(),
  billedBytes: z.number().optional(),
  monthlyCost: z.number().optional(),
  asOf: z.string(),
  stale: z.boolean().optional(),
  staleReason: z.string().optional(),
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
  lastPulledAt: z.string().optional(),
});
export type Image = z.infer<typeof Image>;

export const Totals = z.looseObject({
  name: z.string(),
  repositories: z.number(),
  images: z.number(),
  billedBytes: z.number(),
  sharedBytes: z.number().optional(),
  imagesOfUnknownSize: z.number().optional(),
  monthlyCost: z.number().optional(),
  asOf: z.string(),
});
export type Totals = z.infer<typeof Totals>;

export const Relation = z.looseObject({
  kind: z.string(),
  digest: z.string(),
  platform: z.string().optional(),
  mediaType: z.string().optional(),
});
export type Relation = z.infer<typeof Relation>;

export const TagInterval = z.looseObject({
  tag: z.string(),
  digest: z.string().nullable(),
  since: z.string(),
  until: z.string().optional(),
  cause: z.string(),
  why: z.string().optional(),
  by: z.string().optional(),
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
  registries: z.array(Registry.extend({ stale: z.boolean().optional(), staleReason: z.string().optional() })),
});
export type Health = z.infer<typeof Health>;

export const StartedReconcile = z.looseObject({ run: z.string() });

const RegistryProgress = Registry.extend({
  state: z.string(),
  repositories: z.number().optional(),
  compared: z.number().optional(),
  reason: z.string().optional(),
});
export type RegistryProgress = z.infer<typeof RegistryProgress>;

export const Reconcile = z.looseObject({
  run: z.string(),
  state: z.string(),
  registries: z.array(RegistryProgress),
});
export type Reconcile = z.infer<typeof Reconcile>;

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
export type Page = z.infer<typeof Page>;

const RegistryFinding = z.looseObject({
  check: z.string(),
  ok: z.boolean(),
  reason: z.string(),
  remedy: z.string().optional(),
  blockedBy: z.string().optional(),
});

export const RegistryState = Registry.extend({
  lastEventAt: z.string().optional(),
  run: z
    .looseObject({ completedAt: z.string().optional(), lastCompletedAt: z.string().optional() })
    .optional(),
  stale: z.boolean(),
  staleReason: z.string().optional(),
  check: z
    .looseObject({
      check: z.string(),
      checkedAt: z.string(),
      ok: z.boolean(),
      findings: z.array(RegistryFinding),
    })
    .optional(),
});
export type RegistryState = z.infer<typeof RegistryState>;

export const CheckStarted = z.looseObject({ check: z.string(), registries: z.number(), askedAt: z.string() });
export type CheckStarted = z.infer<typeof CheckStarted>;
