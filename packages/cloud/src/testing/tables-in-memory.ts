import type { Engine, EngineAnswer } from "../tables/engine.ts";
import { closeStore, failure, openStore, perform, type Result } from "../tables/operations.mjs";

/**
 * The table engine in memory and in this thread, for tests that ask one thing after the other: waking another thread takes
 * longer than most answers. An error that it throws past its callbacks is an error of the test.
 */
export function tablesInMemory(place: { readonly account: string; readonly region: string }): Engine {
  const store = openStore(place);
  let id = 0;
  const answer = (status: number, { body, units = [] }: Result): EngineAnswer => {
    id += 1;
    return { id, status, body, units: [...units] };
  };
  return {
    async perform(request) {
      try {
        return answer(200, await perform(store, request));
      } catch (error) {
        const failed = failure(error);
        return answer(failed.status, failed);
      }
    },
    stop: () => closeStore(store),
  };
}
