import type { Looked } from "@tallyman/domain/doctor/looked";
import * as z from "@tallyman/domain/zod";
import { signedHttp } from "../signed-http.ts";
import type { DoctorConnection } from "./connection.ts";
import { lookAt } from "./look.ts";

const ACTION = "DescribeIamInstanceProfileAssociations";

/** EC2's hosts by the partition that a Region's name tells. */
const SUFFIXES: readonly (readonly [string, string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["eusc-", "amazonaws.eu"],
];

/**
 * ARN of the instance profile of an EC2 instance; undefined: it has none. One flat answer is all that is read, for which the
 * SDK's client of EC2 (28 MB) would be too much.
 */
export async function instanceProfileOf(
  { region, endpoint, credentials }: DoctorConnection,
  instance: string,
): Promise<Looked<string | undefined>> {
  const send = signedHttp({ service: "ec2", region, credentials });
  const form = {
    Action: ACTION,
    Version: "2016-11-15",
    "Filter.1.Name": "instance-id",
    "Filter.1.Value.1": instance,
    "Filter.2.Name": "state",
    "Filter.2.Value.1": "associated",
  };
  const found = await lookAt(
    { action: `ec2:${ACTION}`, schema: z.object({ arn: z.optional(z.string()) }) },
    async () => {
      const { status, bytes } = await send({
        method: "POST",
        url: endpoint ?? `https://ec2.${region}.${suffixOf(region)}/`,
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      });
      return readAnswer(status, new TextDecoder().decode(bytes));
    },
  );
  return "seen" in found ? { seen: found.seen.arn } : found;
}

function readAnswer(status: number, xml: string): { readonly arn?: string | undefined } {
  if (status === 200 && xml.includes(`<${ACTION}Response`))
    return { arn: /<iamInstanceProfile>\s*<arn>([^<]+)<\/arn>/.exec(xml)?.[1] };
  const code = /<Code>([^<]+)<\/Code>/.exec(xml)?.[1];
  throw new Error(code === undefined ? `EC2 answered ${status}` : `${code} (${status})`);
}

function suffixOf(region: string): string {
  return SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "amazonaws.com";
}
