import * as z from "zod";

// What the commands read of the API's answers about usage; whatever else they hold passes through to `--json`.

const text = z.string();
const Place = z.looseObject({ account: text, region: text, repository: text });

const Doubt = z.looseObject({
  why: text,
  reason: text,
  remedy: text,
  consumer: text.optional(),
  source: text.optional(),
  scope: text.optional(),
});
export type Doubt = z.infer<typeof Doubt>;

export const Blocked = Place.extend({ doubts: z.array(Doubt), moreDoubts: z.number().optional() });
export type Blocked = z.infer<typeof Blocked>;

export const BlockedPage = z.looseObject({
  asOf: text,
  sources: z.looseObject({ scopes: z.number(), inDoubt: z.number() }),
});
export type BlockedPage = z.infer<typeof BlockedPage>;

export const Scope = z.looseObject({
  source: text,
  scope: text.optional(),
  account: text,
  ageSeconds: z.number().optional(),
  sequence: z.number(),
  subjects: z.number(),
  doubts: z.array(z.looseObject({ why: text, reason: text, remedy: text })),
});
export type Scope = z.infer<typeof Scope>;

export const Use = z.looseObject({
  source: text,
  account: text,
  cluster: text,
  service: text,
  kinds: z.array(text),
  via: text,
  digest: text,
  tag: Place.extend({ tag: text }).optional(),
  firstSeen: text,
  lastSeen: text,
  endedAt: text.optional(),
  inspected: z
    .looseObject({
      clusters: z.array(z.looseObject({ clusterArn: text, workloads: z.array(text) })),
      complete: z.boolean(),
      unknown: text.optional(),
    })
    .optional(),
});
export type Use = z.infer<typeof Use>;

export const UsesPage = z.looseObject({ unread: z.array(text), doubts: z.array(Blocked) });

export const ReportTaken = z.looseObject({
  source: text,
  scope: text,
  sequence: z.number(),
  items: z.number().optional(),
});
