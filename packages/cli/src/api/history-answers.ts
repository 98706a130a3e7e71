import * as z from "zod";
import { Image, Violation } from "./answers.ts";

// What this command reads of the API's answers about the past; whatever else they hold passes through to `--json`.

const text = z.string();
const Registry = z.looseObject({ account: text, region: text });
const Place = Registry.extend({ repository: text });

export const Told = Place.extend({
  digest: text,
  at: text,
  what: text,
  tag: text.optional(),
  to: text.optional(),
  registry: Registry.optional(),
  cause: text.optional(),
  why: text.optional(),
  by: text.optional(),
  action: text.optional(),
});
export type Told = z.infer<typeof Told>;

const Standing = Image.extend({
  since: text,
  cause: text,
  why: text.optional(),
  lastPulledAt: text.optional(),
});
export type Standing = z.infer<typeof Standing>;

export const Story = z.looseObject({
  here: z.array(Standing),
  gone: z.array(Standing),
  pointers: z.array(Place.extend({ tag: text, digest: text.nullable(), since: text, cause: text })),
  life: z.array(Told),
  violations: z.array(Violation),
  sure: z.array(
    Place.extend({
      completeSince: text.optional(),
      reconciledAt: text.optional(),
      unknown: z.array(text),
    }),
  ),
  more: z.boolean(),
});
export type Story = z.infer<typeof Story>;

export const Change = Place.extend({
  at: text,
  kind: text,
  tag: text.optional(),
  digest: text.nullable(),
  state: text,
  status: text.optional(),
  cause: text,
  why: text.optional(),
});
export type Change = z.infer<typeof Change>;
