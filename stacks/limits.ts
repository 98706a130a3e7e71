/**
 * How many accounts can be listed one by one. What a role may do is held to 10,240 characters over all of its inline
 * policies (IAM quotas), and each account's two roles are 96 of reconcile's; the bus policy is held to 10,240 bytes.
 */
export const LISTED_ACCOUNTS = 50;

/** Throws when the declared accounts do not fit into the policies that would list them: before anything is deployed. */
export function checkAccounts(accounts: readonly string[], organization: string | undefined): void {
  if (organization !== undefined || accounts.length <= LISTED_ACCOUNTS) return;
  throw new Error(
    `${accounts.length} accounts are declared, and the policies of bus and roles can list ${LISTED_ACCOUNTS}. Set "organization" (o-...) in tallyman.registries.yaml: then they name the organisation instead.`,
  );
}
