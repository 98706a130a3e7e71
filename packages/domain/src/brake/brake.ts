/** The one item that stops every write to every registry. An unreadable brake counts as on. */
export type Brake = {
  readonly on: boolean;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
  readonly version: number;
};

/** A first deployment starts paused, so an item that was never written means `on`. */
export const INITIAL_BRAKE: Brake = {
  on: true,
  reason: "a first deployment starts paused",
  by: "tallyman",
  at: "1970-01-01T00:00:00.000Z",
  version: 0,
};
