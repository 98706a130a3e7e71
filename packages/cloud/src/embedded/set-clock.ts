import * as z from "zod";
import type { CloudClock } from "../clock/cloud-clock.ts";

const Setting = z.union([
  /** ISO 8601 duration of days, hours, minutes, seconds; `-P30D` goes back. */
  z.strictObject({ advance: z.string() }),
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
]);

/** Beyond these, times no longer have the four-digit years and ten-digit seconds that services and SDKs expect. */
const earliest = Date.UTC(2000);
const latest = Date.UTC(2100);

/** `POST /_embedded/clock`: `{"advance": "P15D"}` or `{"now": "2026-12-24T00:00:00Z"}`; answers the time it is then. */
export function setClock(clock: CloudClock, body: unknown): { readonly now: string } {
  const setting = Setting.parse(body);
  const time = "now" in setting ? Date.parse(setting.now) : clock.now().getTime() + duration(setting.advance);
  if (!(time >= earliest && time < latest))
    throw problem(Object.keys(setting), "the time is not between 2000 and 2100");
  clock.set(new Date(time));
  return { now: clock.now().toISOString() };
}

/** Milliseconds of an ISO 8601 duration; months and years have no fixed length and are not taken. */
export function duration(text: string): number {
  const match = /^(-)?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  const [, sign, ...parts] = match ?? [];
  if (!match || parts.every((part) => part === undefined))
    throw problem(["advance"], "use P15D, PT1H30M, PT90S or -P30D");
  const lengths = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];
  const sum = parts.reduce((total, part, index) => total + Number(part ?? 0) * (lengths[index] ?? 0), 0);
  return sign ? -sum : sum;
}

function problem(path: string[], message: string): z.ZodError {
  return new z.ZodError([{ code: "custom", path, message, input: undefined }]);
}
