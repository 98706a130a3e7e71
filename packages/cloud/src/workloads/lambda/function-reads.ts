import { page } from "./function-page.ts";
import type { LambdaFunction } from "./function-record.ts";
import { addressed, functionOf, type LambdaCall, permit, versionOf } from "./lambda-call.ts";
import { codeView, configurationView, declaredView } from "./views.ts";

/** Any function of the account, those of the stacks too. */
export function getFunction(call: LambdaCall): object {
  const { arn, qualifier } = addressed(call);
  const declared = call.deps.declared().find((one) => one.arn === arn);
  if (declared) {
    permit(call, arn);
    return { Configuration: declaredView(declared), Code: { RepositoryType: "S3" } };
  }
  const record = functionOf(call);
  const { version } = versionOf(record, qualifier);
  return {
    Configuration: configurationView(record, version, qualifier),
    Code: codeView(version),
    ...(Object.keys(record.tags).length > 0 && { Tags: record.tags }),
  };
}

export function getFunctionConfiguration(call: LambdaCall): object {
  const { arn, qualifier } = addressed(call);
  const declared = call.deps.declared().find((one) => one.arn === arn);
  if (declared) {
    permit(call, arn);
    return declaredView(declared);
  }
  const record = functionOf(call);
  return configurationView(record, versionOf(record, qualifier).version, qualifier);
}

/** Functions of the account in the Region, with `FunctionVersion=ALL` each version of each of them. */
export function listFunctions(call: LambdaCall): object {
  permit(call, "*");
  const { account, region, query, deps } = call;
  const all = query.get("FunctionVersion") === "ALL";
  const declared = deps.declared().filter((one) => one.account === account && one.region === region);
  const shown = [
    ...declared.map((one) => declaredView(one, all ? "$LATEST" : undefined)),
    ...deps.store.of(account, region).flatMap((record) => views(record, all)),
  ];
  return page(call, "Functions", shown);
}

function views(record: LambdaFunction, all: boolean): readonly object[] {
  if (!all) return [configurationView(record, record.latest)];
  return [record.latest, ...record.versions].map((one) => configurationView(record, one, one.version));
}
