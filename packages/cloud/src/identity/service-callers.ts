import type { AuthorizationRequest, Caller } from "@tallyman/domain/iam-policy/authorize";

/** A call that an AWS service makes in its own name, for an account. */
export type ServiceCall = {
  readonly account: string;
  /** `lambda.amazonaws.com` */
  readonly service: string;
  /** Condition keys, lower case: `aws:sourcearn`. */
  readonly context: Readonly<Record<string, string>>;
  /** The service tries whether it may: a refusal is no event. */
  readonly hypothetical?: boolean;
  /** It acts through its service-linked role, which nobody can change. */
  readonly trusted?: boolean;
};

export type ServiceCallers = {
  callerFor(call: ServiceCall): Caller;
  /** What is asked when such a caller's request comes to be decided; that of anybody else is as it was. */
  asked(request: AuthorizationRequest): AuthorizationRequest;
  isTrusted(caller: Caller): boolean;
};

/** What a caller acts for goes with the very object that was made for it: no request from outside can say it. */
export function createServiceCallers(): ServiceCallers {
  const calls = new WeakMap<Caller, ServiceCall>();
  return {
    callerFor(call) {
      const { account, service } = call;
      const caller: Caller = { account, arn: service, service };
      calls.set(caller, call);
      return caller;
    },
    isTrusted: (caller) => calls.get(caller)?.trusted ?? false,
    asked(request) {
      const call = calls.get(request.caller);
      if (!call) return request;
      const context = { ...request.context, ...call.context };
      return { ...request, context, ...(call.hypothetical && { hypothetical: true }) };
    },
  };
}
