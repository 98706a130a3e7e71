import * as z from "zod";
import { invalidParameter } from "../core/errors.ts";
import { ACCOUNT_SETTINGS, type AccountSetting } from "../storage/account-settings.ts";

export const accountSettingName = z.string().min(1).max(64);

/** Throws InvalidParameterException for a name that is no setting. */
export function toAccountSetting(name: string): AccountSetting {
  const known = Object.keys(ACCOUNT_SETTINGS).find((setting) => setting === name);
  if (known === undefined) throw outside("name", Object.keys(ACCOUNT_SETTINGS));
  return known as AccountSetting; // A key of the table.
}

/** Throws InvalidParameterException for a value that the setting does not take, also for one that ECR withdrew. */
export function requireAccountSettingValue(name: AccountSetting, value: string): void {
  const values: readonly string[] = ACCOUNT_SETTINGS[name];
  if (!values.includes(value)) throw outside("value", values);
}

function outside(member: string, values: readonly string[]): Error {
  return invalidParameter(member, `Member must satisfy enum value set: [${values.join(", ")}]`);
}
