/** A store of dynalite's: what is in it concerns nobody else. */
export type Store = { readonly lifecycleManager: object };
export type Result = {
  readonly body: string;
  readonly units?: readonly { readonly table: string; readonly read: number; readonly write: number }[];
};

export function openStore(place: {
  readonly path?: string;
  readonly account: string;
  readonly region: string;
}): Store;
export function closeStore(store: Store): Promise<void>;
export function perform(
  store: Store,
  request: { readonly operation: string; readonly body: string },
): Promise<Result>;
export function failure(error: unknown): Result & { readonly status: number };
