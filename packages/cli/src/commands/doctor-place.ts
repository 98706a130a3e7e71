import { findCaller } from "@tallyman/aws/doctor/caller";
import { configuredRegion } from "@tallyman/aws/doctor/configured-region";
import type { DoctorConnection } from "@tallyman/aws/doctor/connection";
import type { Place } from "@tallyman/domain/doctor/facts";
import { Region } from "@tallyman/domain/registry/registry";
import { findCredentials } from "../api/credentials.ts";
import { type Endpoint, resolveEndpoint } from "../api/endpoint.ts";
import { CommandError, EXIT, UsageError } from "../errors.ts";
import type { Terminal } from "../output/terminal.ts";

/** Where to look, as the user says it. */
export type PlaceOptions = {
  readonly region?: string | undefined;
  /** The account that must be the credentials' own. */
  readonly account?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpointUrl?: string | undefined;
};

export type DoctorDeps = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Visited = { readonly place: Place; readonly connection: DoctorConnection };

/**
 * AWS itself, or the place that `--endpoint-url` or AWS_ENDPOINT_URL name, with the user's own credentials. Throws a
 * CommandError, exit code 2, when it cannot be told or is not the account that was meant.
 */
export async function visit(options: PlaceOptions, deps: DoctorDeps): Promise<Visited> {
  const { env, terminal } = deps;
  const url = options.endpointUrl ?? env["AWS_ENDPOINT_URL"];
  const region = await regionOf(options, env, url);
  const endpoint = resolveEndpoint({ endpoint: url ?? `https://sts.${region}.amazonaws.com`, region, env });
  const credentials = once(() =>
    findCredentials({ endpoint, env, profile: options.profile, tell: terminal.note }),
  );
  const connection = { region, credentials, ...(url !== undefined && { endpoint: endpoint.url.origin }) };
  const { place, arn } = await callerOf(connection, endpoint);
  if (options.account !== undefined && options.account !== place.account)
    throw cannotLook(`The credentials are of account ${place.account} (${arn}), not of ${options.account}.`);
  return { place, connection };
}

async function regionOf(
  { region, profile, endpointUrl }: PlaceOptions,
  env: DoctorDeps["env"],
  url: string | undefined,
): Promise<string> {
  const named = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  const local = /^http:/.test(endpointUrl ?? url ?? "");
  const chosen = named ?? (local ? "us-east-1" : await configuredRegion(profile));
  if (chosen === undefined) throw new UsageError("Which Region? Give --region, or set AWS_REGION.");
  if (!Region.safeParse(chosen).success) throw new UsageError(`"${chosen}" is no Region, as us-east-1 is.`);
  return chosen;
}

async function callerOf(connection: DoctorConnection, { url }: Endpoint) {
  try {
    return await findCaller(connection);
  } catch (cause) {
    if (cause instanceof CommandError) throw cannotLook(cause.message, { cause });
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const where = connection.endpoint === undefined ? "AWS" : url.origin;
    throw cannotLook(`${where} does not say whose credentials these are: ${said}`, { cause });
  }
}

/** Every client asks for them, and people are told once what was assumed. */
function once<T>(find: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    found ??= find();
    return found;
  };
}

function cannotLook(message: string, options: ErrorOptions = {}): CommandError {
  return new CommandError(message, { ...options, exitCode: EXIT.usage });
}
