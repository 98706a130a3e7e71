/**
 * A record as answers show it: without `internal`, times (`...At`, milliseconds) in seconds, as AWS JSON has them. Events
 * have the same fields with times in ISO 8601.
 */
export function answerView(record: object): object {
  return converted(record, (milliseconds) => milliseconds / 1000);
}

export function eventView(record: object): Record<string, unknown> {
  return converted(record, (milliseconds) => new Date(milliseconds).toISOString());
}

function converted(record: object, time: (milliseconds: number) => unknown): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    if (name === "internal" || value === undefined) continue;
    shown[name] = typeof value === "number" && name.endsWith("At") ? time(value) : inside(value, time);
  }
  return shown;
}

function inside(value: unknown, time: (milliseconds: number) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inside(item, time));
  return typeof value === "object" && value !== null ? converted(value, time) : value;
}
