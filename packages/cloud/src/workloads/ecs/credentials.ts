import { AwsError } from "../../http/aws-service.ts";
import type { SessionCredentials } from "../../identity/sessions.ts";
import { agentIsAtLeast } from "./agent-version.ts";
import { nameOf } from "./arns.ts";
import type { EcsCore } from "./ecs-core.ts";
import type { Task } from "./model.ts";

const TASKS = "ecs-tasks.amazonaws.com";
const INSTANCES = "ec2.amazonaws.com";

/** Agents since then pull with a task's execution role, where there is one. */
const EXECUTION_ROLES_SINCE = "1.16.0";

/**
 * Who pulls for a task: its execution role, on an instance with none the role of the instance. Fargate has no other.
 *
 * @throws AwsError when the role cannot be assumed
 */
export function pullCredentials(core: EcsCore, task: Task): SessionCredentials {
  const { executionRoleArn } = task.internal;
  const instance = task.containerInstanceArn && core.state.instances.get(task.containerInstanceArn);
  const agent = instance ? instance.versionInfo.agentVersion : undefined;
  if (executionRoleArn && (agent === undefined || agentIsAtLeast(agent, EXECUTION_ROLES_SINCE)))
    return assumeExecutionRole(core, executionRoleArn, nameOf(task.taskArn));
  if (!instance) throw new AwsError("AccessDeniedException", "The task has no execution role.");
  const { roleArn } = instance.internal;
  return core.assumeServiceRole(roleArn, INSTANCES, { sessionName: instance.ec2InstanceId }).credentials;
}

/** A session of the role for one task. @throws AwsError as ECS words it */
export function assumeExecutionRole(core: EcsCore, roleArn: string, sessionName: string): SessionCredentials {
  try {
    return core.assumeServiceRole(roleArn, TASKS, { sessionName }).credentials;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError(
      "ClientException",
      `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
    );
  }
}
