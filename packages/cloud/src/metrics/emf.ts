import * as z from "zod";

/** One value that a log line in CloudWatch's embedded metric format carries. */
export type MetricValue = {
  readonly namespace: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

const Metric = z.object({ Name: z.string(), Unit: z.string().default("None") });
const Directive = z.object({
  Namespace: z.string(),
  Dimensions: z.array(z.array(z.string())).default([]),
  Metrics: z.array(Metric),
});
const Document = z.looseObject({ _aws: z.object({ CloudWatchMetrics: z.array(Directive) }) });
const Value = z.union([z.number(), z.array(z.number())]);

/**
 * The metric values of a line; none when it is an ordinary line. A directive with several dimension sets counts once,
 * with all of them. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function readMetrics(line: string): readonly MetricValue[] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const parsed = Document.safeParse(parseJson(line));
  if (!parsed.success) return [];
  const document = parsed.data;
  return document._aws.CloudWatchMetrics.flatMap((directive) =>
    directive.Metrics.flatMap((metric) => valuesOf(document, directive, metric)),
  );
}

function valuesOf(
  document: Readonly<Record<string, unknown>>,
  { Namespace: namespace, Dimensions }: z.infer<typeof Directive>,
  { Name: name, Unit: unit }: z.infer<typeof Metric>,
): readonly MetricValue[] {
  const found = Value.safeParse(document[name]);
  if (!found.success) return [];
  const dimensions = Object.fromEntries(Dimensions.flat().map((key) => [key, String(document[key])]));
  return [found.data].flat().map((value) => ({ namespace, name, value, unit, dimensions }));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
