import * as z from "zod";
import { keepWhole, readKept } from "../../kept-file.ts";
import { functionArn, LambdaFunction } from "./function-record.ts";

export type FunctionStore = {
  find(arn: string): LambdaFunction | undefined;
  /** Of an account in a Region, by name. */
  of(account: string, region: string): readonly LambdaFunction[];
  /** Durable when it resolves. */
  put(record: LambdaFunction): Promise<void>;
  delete(arn: string): Promise<void>;
  clear(): Promise<void>;
};

/** Functions in memory and, with a file, in it. */
export async function openFunctionStore(file: string | undefined): Promise<FunctionStore> {
  const kept = (await readKept(file, z.array(LambdaFunction), "functions")) ?? [];
  const functions = new Map(kept.map((record) => [functionArn(record), record]));
  const save = keepWhole(file, () => JSON.stringify([...functions.values()]));
  return {
    find: (arn) => functions.get(arn),
    of: (account, region) =>
      [...functions.values()]
        .filter((record) => record.account === account && record.region === region)
        .toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    put(record) {
      functions.set(functionArn(record), record);
      return save();
    },
    delete(arn) {
      functions.delete(arn);
      return save();
    },
    clear() {
      functions.clear();
      return save();
    },
  };
}
