import { fine, type Opinion, problem, warning } from "./finding.ts";

type Version = readonly [number, number, number];

/** Agents before it cannot log in to ECR at all (Amazon ECS developer guide, "Using Amazon ECR images with Amazon ECS"). */
const PULLS_FROM_ECR: Version = [1, 7, 0];
/** From here on the agent pulls with the task's execution role, where there is one. */
const KNOWS_EXECUTION_ROLES: Version = [1, 16, 0];

const UPDATE = "Update the container agent: aws ecs update-container-agent, or replace the instance.";

/** Whether an ECS container agent of this version can pull from ECR. */
export function checkAgentVersion(agentVersion: string | undefined): Opinion {
  const version = parseVersion(agentVersion);
  if (agentVersion === undefined || version === undefined)
    return {
      verdict: "unknown",
      reason: `the container agent does not say its version (${agentVersion ?? "none"})`,
      remedy: "Check that the agent is connected, and run this again.",
      evidence: {},
    };
  const evidence = { agentVersion };
  if (isBefore(version, PULLS_FROM_ECR))
    return problem(
      `container agent ${agentVersion} cannot pull from ECR: that takes 1.7.0 or later`,
      UPDATE,
      evidence,
    );
  if (isBefore(version, KNOWS_EXECUTION_ROLES))
    return warning(
      `container agent ${agentVersion} pulls with the instance's role alone: execution roles take 1.16.0 or later`,
      UPDATE,
      evidence,
    );
  return fine(`container agent ${agentVersion} pulls from ECR`, evidence);
}

function parseVersion(text = ""): Version | undefined {
  const [, major, minor, patch] = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?![\d.])/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}

function isBefore(a: Version, b: Version): boolean {
  const differing = a.findIndex((part, i) => part !== b[i]);
  return differing >= 0 && (a[differing] ?? 0) < (b[differing] ?? 0);
}
