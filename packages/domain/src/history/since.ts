const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const SHORT = /^(\d{1,6})([smhdw])$/;
const ISO_DURATION = /^P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;
const ISO_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/;

/** A time in words: `2h`, `P1D`, `PT30M` (before `now`), `2026-11-21` or `2026-11-21T12:00:00Z`. Undefined: none of these. */
export function parseSince(text: string, now: Date): Date | undefined {
  const before = milliseconds(text);
  if (before !== undefined) return new Date(now.getTime() - before);
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

function milliseconds(text: string): number | undefined {
  const [, count, unit] = SHORT.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNITS_MS[unit ?? ""] ?? 0);
  const parts = ISO_DURATION.exec(text)?.slice(1) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  const units = ["w", "d", "h", "m", "s"];
  return parts.reduce((sum, part, i) => sum + Number(part ?? 0) * (UNITS_MS[units[i] ?? ""] ?? 0), 0);
}
