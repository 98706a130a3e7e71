/** CloudTrail leaves out what is larger, in bytes of JSON. */
const MAXIMUM_BYTES = 100 * 1024;

/** Parameters of a call as CloudTrail writes them down: a layer's bytes are in no record. */
export function requestParameters(input: Readonly<Record<string, unknown>>): object | null {
  const { layerPartBlob: _, ...parameters } = input;
  return withinLimit(Object.keys(parameters).length === 0 ? null : parameters);
}

/** What a call that changed something answered, with times in CloudTrail's own form. */
export function responseElements(
  operation: string,
  output: Readonly<Record<string, unknown>>,
): object | null {
  const timed = withTimes(output);
  return withinLimit(operation === "UpdateImageStorageClass" ? { image: timed } : timed);
}

/** `Jul 11, 2018 10:17:44 PM` */
export function trailTime(time: Date): string {
  return FORMAT.format(time)
    .replaceAll("\u202f", " ")
    .replace(/, (?=\d+:)/, " ");
}

const FORMAT = new Intl.DateTimeFormat("en-US", {
  timeZone: "UTC",
  month: "short",
  day: "numeric",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
});

/** Members that are times; on the wire they are seconds since the epoch. */
const TIMES = /(At|Time)$/;

function withTimes(output: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, timed(name, value)]));
}

function timed(name: string, value: unknown): unknown {
  if (typeof value === "number" && TIMES.test(name)) return trailTime(new Date(value * 1000));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return withTimes(Object.fromEntries(Object.entries(value)));
}

function withinLimit(elements: object | null): object | null {
  try {
    return Buffer.byteLength(JSON.stringify(elements)) > MAXIMUM_BYTES ? null : elements;
  } catch (error) {
    // Nested too deep to be written at all.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
