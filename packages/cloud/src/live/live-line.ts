/** One thing that happened, for people who watch. All texts may come from an image: hostile until printed. */
export type LiveLine = {
  /** By the cloud's clock. */
  readonly at: Date;
  readonly level: "debug" | "info" | "warn" | "error";
  /** Who says it: `registry`, `slack`, a function's name, ... */
  readonly source: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

export type LiveSink = (line: LiveLine) => void;
