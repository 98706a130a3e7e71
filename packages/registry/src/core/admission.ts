import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import { EcrError } from "./errors.ts";
import { RequestRates } from "./request-rates.ts";
import type { Switches } from "./switches.ts";

/** An error that is answered in place of a call: its HTTP status, and its exception's name. */
export type Fault = {
  readonly status: number;
  readonly code: string;
  /** Seconds. */
  readonly retryAfter?: number;
};

/** How a fault is told; the borders translate it as they do an `EcrError`. */
export class FaultError extends Error {
  readonly fault: Fault;
  readonly code: string;
  constructor(fault: Fault) {
    super(fault.code === "ThrottlingException" ? RATE_EXCEEDED : "This failure was asked for");
    this.name = "FaultError";
    this.fault = fault;
    this.code = fault.code;
  }
}

/** ECR's words, on its API and on `/v2`. */
const RATE_EXCEEDED = "Rate exceeded";

export type Arrival = {
  readonly caller: Caller;
  readonly region: string;
  /** The calls of the API that a request is, or on `/v2` stands for: each counts. Asked only where anything can fail. */
  readonly operations: () => readonly string[];
};

/** `from`: the caller's account, and the Region that was asked. */
export type FaultSource = (operation: string, from: Registry) => Fault | undefined;

/** Asked before anything else is looked at: throws what a request gets instead of an answer. */
export type Admit = (arrival: Arrival) => void;

export type AdmissionOptions = {
  readonly now: () => Date;
  readonly switches: () => Switches;
  readonly fault: FaultSource | undefined;
};

/** Throws FaultError for what was asked to fail, ThrottlingException for what comes faster than its quota. */
export function createAdmission({ now, switches, fault }: AdmissionOptions): Admit {
  const rates = new RequestRates();
  return ({ caller, region, operations }) => {
    const quotas = switches().requestRates;
    if (fault === undefined && quotas === "none") return;
    for (const operation of operations()) {
      const found = fault?.(operation, { account: caller.account, region });
      if (found !== undefined) throw new FaultError(found);
      if (quotas === "none") continue;
      const call = { account: caller.account, region, operation };
      if (!rates.take(call, quotas, now())) throw new EcrError("ThrottlingException", RATE_EXCEEDED);
    }
  };
}
