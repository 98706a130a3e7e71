import {
  GetFunctionCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import type { FunctionFacts } from "@tallyman/domain/doctor/facts";
import { type Looked, mapLooked } from "@tallyman/domain/doctor/looked";
import type { LambdaLook } from "@tallyman/domain/doctor/ports";
import * as z from "@tallyman/domain/zod";
import { clientConfig, type DoctorConnection } from "./connection.ts";
import { look, lookAtAll, type Page, pageOf } from "./look.ts";

const text = z.string();
const maybeText = z.optional(text);
const Listed = z.object({ FunctionName: text, Version: z._default(text, "$LATEST"), PackageType: maybeText });
type Listed = z.infer<typeof Listed>;

const Configuration = z.object({
  FunctionName: text,
  FunctionArn: text,
  Version: z._default(text, "$LATEST"),
  Role: text,
  State: maybeText,
  StateReason: maybeText,
  StateReasonCode: maybeText,
  LastUpdateStatus: maybeText,
  LastUpdateStatusReason: maybeText,
  LastUpdateStatusReasonCode: maybeText,
});
const Described = z.object({
  Configuration,
  Code: z.object({ ImageUri: text, ResolvedImageUri: maybeText }),
});
const GONE = ["ResourceNotFoundException"];

/** Looks at Lambda in one account and Region. */
export function awsLambdaLook(connection: DoctorConnection): LambdaLook {
  const lambda = new LambdaClient(clientConfig(connection));
  return {
    async listFunctions(name) {
      const listed = name === undefined ? await everyVersion(lambda) : await versionsOf(lambda, name);
      if ("unseen" in listed) return listed;
      if (listed.seen === undefined) return { seen: undefined };
      const found: Looked<FunctionFacts>[] = [];
      for (const version of listed.seen.filter(({ PackageType }) => PackageType === "Image")) {
        const it = await describe(lambda, version);
        if ("unseen" in it) found.push(it);
        // One that was deleted meanwhile uses nothing any more.
        else if (it.seen !== undefined) found.push({ seen: it.seen });
      }
      return { seen: found };
    },
  };
}

function everyVersion(lambda: LambdaClient): Promise<Looked<readonly Listed[]>> {
  const question = { action: "lambda:ListFunctions", schema: pageOf("Functions", Listed, "NextMarker") };
  return lookAtAll(question, (Marker) =>
    lambda.send(new ListFunctionsCommand({ FunctionVersion: "ALL", Marker })),
  );
}

async function versionsOf(
  lambda: LambdaClient,
  FunctionName: string,
): Promise<Looked<readonly Listed[] | undefined>> {
  const schema: z.ZodMiniType<Page<Listed>> = pageOf("Versions", Listed, "NextMarker");
  const question = { action: "lambda:ListVersionsByFunction", schema };
  const first = await look({ ...question, gone: GONE }, () =>
    lambda.send(new ListVersionsByFunctionCommand({ FunctionName, MaxItems: 1 })),
  );
  if ("unseen" in first) return first;
  if (first.seen === undefined) return { seen: undefined };
  return lookAtAll(question, (Marker) =>
    lambda.send(new ListVersionsByFunctionCommand({ FunctionName, Marker })),
  );
}

async function describe(
  lambda: LambdaClient,
  { FunctionName, Version: Qualifier }: Listed,
): Promise<Looked<FunctionFacts | undefined>> {
  const question = { action: "lambda:GetFunction", schema: Described, gone: GONE };
  const found = await look(question, () => lambda.send(new GetFunctionCommand({ FunctionName, Qualifier })));
  return mapLooked(found, (it) => it && factsOf(it));
}

function factsOf({ Configuration: it, Code }: z.infer<typeof Described>): FunctionFacts {
  const trouble = troubleOf(it);
  return {
    name: it.FunctionName,
    version: it.Version,
    // Lambda names the function, not its version, when it asks ECR.
    arn: it.FunctionArn.split(":").slice(0, 7).join(":"),
    role: it.Role,
    image: Code.ImageUri,
    ...(Code.ResolvedImageUri !== undefined && { resolvedImage: Code.ResolvedImageUri }),
    ...(trouble !== undefined && { trouble }),
  };
}

function troubleOf(it: z.infer<typeof Configuration>): string | undefined {
  if (it.State === "Failed") return said(it.StateReasonCode, it.StateReason);
  if (it.LastUpdateStatus === "Failed") return said(it.LastUpdateStatusReasonCode, it.LastUpdateStatusReason);
  return undefined;
}

function said(code = "Failed", reason = ""): string {
  return reason === "" ? code : `${code}: ${reason}`;
}
