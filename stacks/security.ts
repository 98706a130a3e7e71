type Statement = { Principal?: { AWS?: string | string[]; Service?: string | string[] } };

/** Defaults and corrections that hold for every resource of the app. Call before anything is created. */
export function secureByDefault(): void {
  $transform(aws.iam.Role, (args) => {
    args.assumeRolePolicy = $util
      .output(args.assumeRolePolicy)
      .apply((policy) => withoutAccountRoot(typeof policy === "string" ? policy : JSON.stringify(policy)));
  });
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    args.logging ??= { format: "json", retention: "1 month" };
  });
}

/**
 * SST's Lambda roles trust the account root as well as Lambda (its check for development mode tests an Output, which is
 * always true), so that anyone in the account who may call sts:AssumeRole could become any function.
 */
function withoutAccountRoot(policy: string): string {
  const document: { Statement: Statement[] } = JSON.parse(policy);
  for (const { Principal } of document.Statement) {
    const trusted = [Principal?.AWS ?? []].flat().filter((arn) => !arn.endsWith(":root"));
    if (!Principal?.AWS || !Principal.Service) continue;
    if (trusted.length === 0) delete Principal.AWS;
    else Principal.AWS = trusted;
  }
  return JSON.stringify(document);
}
