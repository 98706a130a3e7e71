import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import type { MiddlewareObj } from "@middy/core";
import type { Measurement, PublishMetrics } from "./powertools-metrics.ts";
import type { Log, Measure, Metadata, Telemetry } from "./telemetry.ts";

/** Structured JSON logs and embedded-format metrics on stdout. One per process, built outside the handler. */
export function powertoolsTelemetry(service: string): Telemetry {
  const logger = new Logger({ serviceName: service });
  const { measure, publish } = measuring(service);
  return {
    log: logThrough(logger),
    measure,
    middleware: [injectLambdaContext(logger, { clearState: true }), publish],
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

/**
 * What is measured is printed when the invocation is over. Most measure nothing (Powertools' own `logMetrics` warns of each):
 * what writes metrics is loaded with the first.
 */
function measuring(service: string): { readonly measure: Measure; readonly publish: MiddlewareObj } {
  let measured: Measurement[] = [];
  let metrics: Promise<PublishMetrics> | undefined;
  const publish = async () => {
    if (measured.length === 0) return;
    metrics ??= import("./powertools-metrics.ts").then((it) => it.powertoolsMetrics(service));
    const write = await metrics;
    const due = measured;
    measured = [];
    write(due);
  };
  return {
    measure: (name, value, dimensions) => void measured.push({ name, value, dimensions }),
    publish: { after: publish, onError: publish },
  };
}
