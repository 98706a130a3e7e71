import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";
import type { Log, Measure, Metadata, Telemetry } from "./telemetry.ts";

/** Structured JSON logs and embedded-format metrics on stdout. One per process, built outside the handler. */
export function powertoolsTelemetry(service: string): Telemetry {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: "Tallyman", serviceName: service });
  return {
    log: logThrough(logger),
    measure: measureWith(metrics),
    middleware: [injectLambdaContext(logger, { clearState: true }), publishMetrics(metrics)],
  };
}

function logThrough(logger: Logger): Log {
  return {
    debug: (message, metadata = {}) => logger.debug(message, fields(metadata)),
    info: (message, metadata = {}) => logger.info(message, fields(metadata)),
    warn: (message, metadata = {}) => logger.warn(message, fields(metadata)),
    error: (message, metadata = {}) => logger.error(message, fields(metadata)),
  };
}

/** Powertools formats an error (name, message, stack, cause) only under the key `error`. */
function fields(metadata: Metadata): Record<string, unknown> {
  return { ...metadata };
}

function measureWith(metrics: Metrics): Measure {
  return (name, value, dimensions) => {
    if (dimensions === undefined) {
      metrics.addMetric(name, MetricUnit.Count, value);
      return;
    }
    // Dimensions hold for a whole batch of metrics; one with its own is written by itself, at once.
    const single = metrics.singleMetric();
    single.addDimensions({ ...dimensions });
    single.addMetric(name, MetricUnit.Count, value);
  };
}

/** Like Powertools' `logMetrics`, which warns at every invocation that measured nothing: for most that is right. */
function publishMetrics(metrics: Metrics): MiddlewareObj {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
}
