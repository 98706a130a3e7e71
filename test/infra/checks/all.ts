import { unknownActions } from "./actions.ts";
import { everyTargetRetriesAndKeeps, nothingInvokesLambda } from "./edges.ts";
import {
  everyRouteIsAuthorised,
  functionsAreUniform,
  invokersAreNamed,
  logsAreForgotten,
  ownAlarmsStand,
} from "./functions.ts";
import { grantsAreNarrow, namedActions, resourcePoliciesAreConditioned } from "./grants.ts";
import {
  everyConsumedQueueHasAnAgeAlarm,
  everyDeadLetterQueueHasAnAlarm,
  everyQueueHasDeadLetters,
  mappingsAreCareful,
  visibilityCoversRetries,
} from "./queues.ts";
import type { Check } from "./resources.ts";
import { bucketsAreClosed, tablesAreProtected } from "./storage.ts";
import { onlyActingFunctionsWrite, rolesTrustOnlyTheirOwn, trustMatchesGrants } from "./trust.ts";

const actionsExist: Check = (snapshots) =>
  unknownActions(namedActions(snapshots)).map((action) => `AWS has no action ${action}`);

/** What must hold over the synthesized stacks. */
export const CHECKS = {
  actionsExist,
  grantsAreNarrow,
  resourcePoliciesAreConditioned,
  rolesTrustOnlyTheirOwn,
  onlyActingFunctionsWrite,
  trustMatchesGrants,
  nothingInvokesLambda,
  everyTargetRetriesAndKeeps,
  everyQueueHasDeadLetters,
  everyDeadLetterQueueHasAnAlarm,
  everyConsumedQueueHasAnAgeAlarm,
  visibilityCoversRetries,
  mappingsAreCareful,
  tablesAreProtected,
  bucketsAreClosed,
  functionsAreUniform,
  logsAreForgotten,
  everyRouteIsAuthorised,
  invokersAreNamed,
  ownAlarmsStand,
} as const satisfies Readonly<Record<string, Check>>;
