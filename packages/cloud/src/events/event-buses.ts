import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import type { Timers } from "../clock/timers.ts";
import { AwsError } from "../http/aws-service.ts";
import type { AssumeServiceRole } from "../identity/service-roles.ts";
import type { MessageAttributes } from "../queues/message.ts";
import type { SendToQueue } from "../queues/service-send.ts";
import type { BusEvent } from "./bus-event.ts";
import { type RunTask, startTasks } from "./ecs-target.ts";
import { deliverWithRetries, type Failure } from "./retried-delivery.ts";
import { allManagementEvents, type Bus, type Rule, type Target } from "./rule.ts";
import { RuleBook } from "./rule-book.ts";

const principal = "events.amazonaws.com";

/** An event that reached neither its target nor a dead-letter queue: on AWS it would be lost without a trace. */
export type LostEvent = {
  readonly rule: string;
  readonly target: string;
  readonly event: BusEvent;
  readonly reason: string;
};

export type EventBuses = {
  readonly rules: RuleBook;
  find(arn: string): Bus | undefined;
  /**
   * Matches an event against a bus's rules and delivers it, without asking for permission. A management event that only
   * reads reaches only the rules whose state asks for it.
   */
  put(busArn: string, event: BusEvent, options?: { readonly readOnly?: boolean }): void;
  /** Delivers an event to the targets of one rule, whether it matches or not. */
  deliver(rule: Rule, event: BusEvent): void;
  /** Every bus of an account in a Region, by name. */
  of(account: string, region: string): readonly Bus[];
  /** Whether any rule of the bus could match an API call, or one that only reads. */
  hearsCalls(busArn: string, call: { readonly readOnly: boolean }): boolean;
  /** Deliveries that are being tried again. */
  pending(): number;
};

export type EventBusesOptions = {
  readonly buses: readonly Bus[];
  readonly rules: readonly Rule[];
  readonly timers: Timers;
  readonly authorize: Authorize;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly busPolicies: (arn: string) => readonly unknown[];
  readonly sendToQueue: SendToQueue;
  readonly runTask: RunTask;
  readonly onLost: (lost: LostEvent) => void;
};

/** All event buses of a cloud. Rules deliver to queues and to other buses, in any account and Region, and start tasks. */
export class Buses implements EventBuses {
  readonly rules: RuleBook;
  readonly #options: EventBusesOptions;
  readonly #buses: ReadonlyMap<string, Bus>;
  #pending = 0;

  constructor(options: EventBusesOptions) {
    this.#options = options;
    this.#buses = new Map(options.buses.map((bus) => [bus.arn, bus]));
    this.rules = new RuleBook(options.rules);
  }

  find(arn: string): Bus | undefined {
    return this.#buses.get(arn);
  }

  pending(): number {
    return this.#pending;
  }

  hearsCalls(busArn: string, { readOnly }: { readonly readOnly: boolean }): boolean {
    const rules = this.rules.enabledOn(busArn);
    return rules.some((rule) => rule.hearsCalls && (hearsReads(rule) || !readOnly));
  }

  put(busArn: string, event: BusEvent, { readOnly = false }: { readonly readOnly?: boolean } = {}): void {
    for (const rule of this.rules.enabledOn(busArn))
      if ((hearsReads(rule) || !readOnly) && rule.matches(event))
        for (const target of rule.targets) this.#deliver({ rule, target, event, readOnly });
  }

  deliver(rule: Rule, event: BusEvent): void {
    for (const target of rule.targets) this.#deliver({ rule, target, event, readOnly: false });
  }

  of(account: string, region: string): readonly Bus[] {
    const own = [...this.#buses.values()].filter((bus) => bus.account === account && bus.region === region);
    return own.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  #deliver(delivery: Delivery): void {
    this.#pending += 1;
    deliverWithRetries(this.#options.timers, {
      retry: delivery.target.retry,
      attempt: () => this.#attempt(delivery),
      giveUp: (failure) => {
        this.#pending -= 1;
        this.#deadLetter(delivery, failure);
      },
      done: () => {
        this.#pending -= 1;
      },
    });
  }

  #attempt(delivery: Delivery): void {
    const { rule, target, event } = delivery;
    const caller = this.#callerFor(rule, target);
    const context = sourceOf(rule);
    const body = target.input ?? JSON.stringify(event);
    if (target.arn.includes(":event-bus/")) this.#putAs(caller, delivery);
    else if (target.ecs)
      startTasks(this.#options.runTask, {
        ...{ caller, cluster: target.arn, parameters: target.ecs, input: body },
        startedBy: `events-rule/${rule.name}`,
      });
    else
      this.#options.sendToQueue({
        caller,
        queueArn: target.arn,
        body,
        group: target.messageGroupId,
        context,
      });
  }

  /** With a role the rule acts as it, else as the service itself, in its account. */
  #callerFor(rule: Rule, target: Target): Caller {
    if (!target.roleArn) return serviceCaller(rule);
    const options = { sessionName: rule.name, sourceArn: rule.arn };
    return this.#options.assumeServiceRole(target.roleArn, principal, options).caller;
  }

  /** A rule's state counts on the other bus too: PutRule says that it is for default and custom buses alike. */
  #putAs(caller: Caller, { target: { arn: busArn }, event, readOnly }: Delivery): void {
    const [, , , , account = ""] = busArn.split(":");
    const decision = this.#options.authorize({
      caller,
      action: "events:PutEvents",
      resource: busArn,
      resourceAccount: account,
      resourcePolicies: this.#options.busPolicies(busArn),
      context: { "events:source": event.source, "events:detail-type": event["detail-type"] },
    });
    if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message, 403);
    if (!this.#buses.has(busArn))
      throw new AwsError("ResourceNotFoundException", `Event bus ${busArn} does not exist.`);
    this.put(busArn, event, { readOnly });
  }

  #deadLetter({ rule, target, event }: Delivery, failure: Failure): void {
    const lost = (reason: string) =>
      this.#options.onLost({ rule: rule.arn, target: target.arn, event, reason });
    if (!target.deadLetter) {
      lost(failure.error.message);
      return;
    }
    try {
      this.#options.sendToQueue({
        caller: serviceCaller(rule),
        queueArn: target.deadLetter,
        body: JSON.stringify(event),
        attributes: deadLetterAttributes(rule, target, failure),
        context: sourceOf(rule),
        // A FIFO dead-letter queue needs both; EventBridge itself would refuse to use one.
        group: target.messageGroupId,
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      lost(`${failure.error.message}; dead-letter queue: ${error.message}`);
    }
  }
}

function hearsReads({ state }: Rule): boolean {
  return state === allManagementEvents;
}

type Delivery = {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: BusEvent;
  readonly readOnly: boolean;
};

function serviceCaller(rule: Rule): Caller {
  return { account: rule.account, arn: principal, service: principal };
}

function sourceOf(rule: Rule): Readonly<Record<string, string>> {
  return { "aws:sourcearn": rule.arn, "aws:sourceaccount": rule.account };
}

/** As EventBridge describes the failure (User Guide, "Using dead-letter queues"). */
function deadLetterAttributes(rule: Rule, target: Target, failure: Failure): MessageAttributes {
  const { error, attempts, exhausted } = failure;
  const values = {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.arn,
    ERROR_CODE: error.status === 403 ? "NO_PERMISSIONS" : error.code,
    ERROR_MESSAGE: error.message,
    ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted, RETRY_ATTEMPTS: String(attempts - 1) }),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  );
}
