import {
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from "@aws-sdk/client-ecs";
import { executionRole, uri } from "./ecs-world.ts";

export const ACCOUNT = "111122223333";

/** The only container of the definitions here. */
export const main = { name: "main", image: uri("team/web:1") };

const fargate: Partial<RegisterTaskDefinitionCommandInput> = {
  ...{ networkMode: "awsvpc", cpu: "256", memory: "512", executionRoleArn: executionRole },
  requiresCompatibilities: ["FARGATE"],
};

export function arn(rest: string): string {
  return `arn:aws:ecs:us-east-1:${ACCOUNT}:${rest}`;
}

/** A revision of the family `any` for Fargate, or what `input` makes of it. */
export function register(client: ECSClient, input: object = {}) {
  const whole = { family: "any", containerDefinitions: [main], ...fargate, ...input };
  return client.send(new RegisterTaskDefinitionCommand(whole));
}
