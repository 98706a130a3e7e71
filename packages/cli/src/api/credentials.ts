import {
  createCredentialChain,
  fromEnv,
  fromIni,
  fromNodeProviderChain,
} from "@aws-sdk/credential-providers";
import { CommandError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

export type CredentialOptions = {
  readonly endpoint: Endpoint;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A profile of the AWS configuration that is asked for by name: before everything in the environment. */
  readonly profile?: string | undefined;
  /** Tells people, on stderr, what was assumed. */
  tell(line: string): void;
};

/**
 * The caller's own AWS credentials by the SDK's default chain. Towards this machine the chain stops before it asks an
 * instance or container for a role, and without any it ends with the embedded administrator's `test`/`test`.
 */
export async function findCredentials(options: CredentialOptions): Promise<Credentials> {
  const { endpoint, env, profile, tell } = options;
  const provider = endpoint.isLoopback ? local(profile) : fromNodeProviderChain(named(profile));
  try {
    return await provider();
  } catch (cause) {
    if (endpoint.isLoopback && profile === undefined && !isConfigured(env)) {
      tell("no AWS credentials configured: signing with the embedded cloud's test/test");
      return { accessKeyId: "test", secretAccessKey: "test" };
    }
    throw new CommandError(`No AWS credentials could be used: ${reasonOf(cause)} ${REMEDY}`, { cause });
  }
}

function local(profile: string | undefined) {
  return profile === undefined ? createCredentialChain(fromEnv(), fromIni()) : fromIni({ profile });
}

function named(profile: string | undefined) {
  return profile === undefined ? {} : { profile };
}

const REMEDY = 'Run "aws sso login" or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

/** What somebody asked for by name must not be replaced quietly. */
function isConfigured(env: Readonly<Record<string, string | undefined>>): boolean {
  return env["AWS_PROFILE"] !== undefined || env["AWS_ACCESS_KEY_ID"] !== undefined;
}

function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.endsWith(".") ? message : `${message}.`;
}
