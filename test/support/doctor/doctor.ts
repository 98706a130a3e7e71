import type { DoctorFinding, Tally } from "@tallyman/domain/doctor/finding";
import { type Run, runTallyman } from "../run-tallyman.ts";

export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};
export type Diagnosis = {
  readonly code: number | null;
  readonly account: string;
  readonly region: string;
  readonly items: readonly DoctorFinding[];
  readonly summary: Tally;
};

/** The command as a script runs it, towards the running product. */
export function runDoctor(url: string, args: readonly string[], keys: Keys): Promise<Run> {
  return runTallyman(["doctor", ...args, "--endpoint-url", url], {
    env: {
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      ...(keys.sessionToken !== undefined && { AWS_SESSION_TOKEN: keys.sessionToken }),
    },
  });
}

export async function diagnose(url: string, args: readonly string[], keys: Keys): Promise<Diagnosis> {
  const { code, stdout, stderr } = await runDoctor(url, [...args, "--json"], keys);
  if (stdout === "") throw new Error(`exit ${code}: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Diagnosis, "code">) };
}

/** `pull: problem` of everything that is not well, each once. */
export function complaints({ items }: Pick<Diagnosis, "items">): readonly string[] {
  const said = items
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ check, verdict }) => `${check}: ${verdict}`);
  return [...new Set(said)].toSorted();
}
