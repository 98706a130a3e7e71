import type { MiddlewareObj } from "@middy/core";

/** `service` is what Powertools calls the function itself: it would drop another one, and warn of it in every message. */
export type Metadata = Readonly<Record<string, unknown>> & { readonly service?: never };

/**
 * Messages are static and in the past tense ("image recorded"), so that they group; what varies goes into the metadata
 * (`repository`, `digest`, `tag`, `eventId`). Never a whole event, a token or a signed URL. `info` is what an operator
 * follows live; `warn` is worth a look tomorrow; `error` means that a message was not processed.
 */
export type Log = {
  debug(message: string, metadata?: Metadata): void;
  info(message: string, metadata?: Metadata): void;
  warn(message: string, metadata?: Metadata): void;
  error(message: string, metadata?: Metadata): void;
};

/** Every metric the product emits, in the namespace `Tallyman`, with the dimension `service` and those named here. */
export type MetricName =
  /** One per repository whose reconcile ended. */
  | "ReconcileCompleted"
  /** One per registry of which all repositories were compared in a daily reconcile: what the alarm for a silent one watches. */
  | "RegistryReconciled"
  /** Declared registries of which the inventory may be wrong; once an hour. */
  | "StaleRegistries"
  /** Sources and scopes of which it is not known what runs; once an hour. */
  | "UsageScopesInDoubt"
  /** Differences between registry and inventory that a reconcile repaired, by `kind`. */
  | "DifferencesFound"
  /** Violations opened. */
  | "Violations"
  /** Replicas that did not arrive in time, or failed. */
  | "ReplicaOverdue"
  /** 1 while the brake is on, 0 while it is off; once a minute. */
  | "BrakeOn";

export type Measure = (
  name: MetricName,
  value: number,
  dimensions?: Readonly<Record<string, string>>,
) => void;

/** What a function says about itself. `middleware` belongs around its handler, in this order. */
export type Telemetry = {
  readonly log: Log;
  readonly measure: Measure;
  readonly middleware: readonly MiddlewareObj[];
};
