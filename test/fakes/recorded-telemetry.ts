import type { Metadata, MetricName, Telemetry } from "@tallyman/observability/telemetry";

export type LogLine = { readonly level: string; readonly message: string; readonly metadata: Metadata };
export type Measurement = {
  readonly name: MetricName;
  readonly value: number;
  readonly dimensions?: Readonly<Record<string, string>>;
};

export type RecordedTelemetry = Telemetry & {
  readonly lines: readonly LogLine[];
  readonly measurements: readonly Measurement[];
  /** Messages logged at a level, in order. */
  messages(level: string): readonly string[];
};

/** Keeps what a function says, instead of printing it. */
export function recordedTelemetry(): RecordedTelemetry {
  const lines: LogLine[] = [];
  const measurements: Measurement[] = [];
  const at =
    (level: string) =>
    (message: string, metadata: Metadata = {}) => {
      lines.push({ level, message, metadata });
    };
  return {
    lines,
    measurements,
    messages: (level) => lines.filter((line) => line.level === level).map((line) => line.message),
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    measure: (name, value, dimensions) => {
      measurements.push({ name, value, ...(dimensions === undefined ? {} : { dimensions }) });
    },
    middleware: [],
  };
}
