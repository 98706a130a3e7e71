import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { MetricName } from "./telemetry.ts";

export type Measurement = {
  readonly name: MetricName;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>> | undefined;
};
export type PublishMetrics = (measured: readonly Measurement[]) => void;

/** Prints measurements in CloudWatch's embedded format: those without dimensions of their own as one line. */
export function powertoolsMetrics(service: string): PublishMetrics {
  const metrics = new Metrics({ namespace: "Tallyman", serviceName: service });
  return (measured) => {
    for (const { name, value, dimensions } of measured) {
      if (dimensions === undefined) metrics.addMetric(name, MetricUnit.Count, value);
      else publishAlone(metrics, { name, value, dimensions });
    }
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
}

/** Dimensions hold for a whole batch of metrics; one with its own is written by itself. */
function publishAlone(metrics: Metrics, { name, value, dimensions = {} }: Measurement): void {
  const single = metrics.singleMetric();
  single.addDimensions({ ...dimensions });
  single.addMetric(name, MetricUnit.Count, value);
}
