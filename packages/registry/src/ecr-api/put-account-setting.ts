import * as z from "zod";
import { setAccountSetting } from "../storage/account-settings.ts";
import { accountSettingName, requireAccountSettingValue, toAccountSetting } from "./account-setting.ts";
import { operation } from "./operation.ts";

export const putAccountSettingOperation = operation(
  "PutAccountSetting",
  z.object({ name: accountSettingName, value: z.string() }),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:PutAccountSetting" }, registry);
    const setting = { name: toAccountSetting(input.name), value: input.value };
    requireAccountSettingValue(setting.name, setting.value);
    core.change(({ sql }) => setAccountSetting(sql, registry, setting));
    return setting;
  },
);
