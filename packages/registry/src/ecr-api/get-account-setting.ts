import * as z from "zod";
import { getAccountSetting } from "../storage/account-settings.ts";
import { accountSettingName, toAccountSetting } from "./account-setting.ts";
import { operation } from "./operation.ts";

export const getAccountSettingOperation = operation(
  "GetAccountSetting",
  z.object({ name: accountSettingName }),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:GetAccountSetting" }, registry);
    const name = toAccountSetting(input.name);
    return { name, value: getAccountSetting(core.sql, registry, name) };
  },
);
