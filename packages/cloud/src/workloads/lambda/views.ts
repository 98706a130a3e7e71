import { type Alias, functionArn, type LambdaFunction, type Version } from "./function-record.ts";
import type { DeclaredFunction } from "./lambda-call.ts";

/** A version as Lambda shows it. `qualified`: its ARN names the version. */
export function configurationView(
  record: LambdaFunction,
  { version, configuration, code, lastModified, revisionId }: Version,
  qualifier?: string,
): object {
  const arn = functionArn(record);
  const { ImageConfig, ...rest } = configuration;
  return {
    FunctionName: record.name,
    FunctionArn: qualifier === undefined ? arn : `${arn}:${qualifier}`,
    ...rest,
    CodeSize: 0,
    CodeSha256: code.digest.slice("sha256:".length),
    LastModified: lastModified,
    Version: version,
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Image",
    ...(ImageConfig && { ImageConfigResponse: { ImageConfig } }),
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${record.name}` },
  };
}

export function codeView({ code }: Version): object {
  const { imageUri, resolvedImageUri } = code;
  return { RepositoryType: "ECR", ImageUri: imageUri, ResolvedImageUri: resolvedImageUri };
}

export function aliasView(record: LambdaFunction, alias: Alias): object {
  return {
    AliasArn: `${functionArn(record)}:${alias.name}`,
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(alias.weights && { RoutingConfig: { AdditionalVersionWeights: alias.weights } }),
    RevisionId: alias.revisionId,
  };
}

/** A function of a stack: its code is a bundle. */
export function declaredView(declared: DeclaredFunction, qualifier?: string): object {
  return {
    FunctionName: declared.name,
    FunctionArn: qualifier === undefined ? declared.arn : `${declared.arn}:${qualifier}`,
    Role: declared.roleArn,
    Handler: declared.handler,
    Timeout: declared.timeoutSeconds,
    MemorySize: declared.memoryMegabytes,
    Version: "$LATEST",
    State: "Active",
    PackageType: "Zip",
  };
}
