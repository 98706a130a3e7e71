import * as z from "zod";
import { API_SWITCHES } from "./switches/api.ts";
import { EVENT_SWITCHES } from "./switches/events.ts";
import { LIFECYCLE_SWITCHES } from "./switches/lifecycle.ts";
import { OCI_SWITCHES } from "./switches/oci.ts";

/**
 * Where AWS documents nothing about its registry, or its documents disagree: each is a named switch, with what is most
 * likely so as its default. Whoever depends on one is tested with both. `SWITCHES.md` lists them all; a test holds the list.
 */
export const Switches = z.strictObject({
  ...EVENT_SWITCHES,
  ...API_SWITCHES,
  ...OCI_SWITCHES,
  ...LIFECYCLE_SWITCHES,
});
export type Switches = Readonly<z.infer<typeof Switches>>;

/** Values are checked where they are set. */
export type SwitchChanges = { readonly [Name in keyof Switches]?: unknown };

export const DEFAULT_SWITCHES: Switches = Switches.parse({});

/** The switches of one registry: set when it is opened, and again while it runs. */
export class SwitchBoard {
  readonly #opened: Switches;
  #current: Switches;

  /** Throws a ZodError for what is no switch, or none of its values. */
  constructor(opened: Partial<Switches> = {}) {
    this.#opened = Switches.parse(opened);
    this.#current = this.#opened;
  }

  get current(): Switches {
    return this.#current;
  }

  /** Throws a ZodError for what is no switch, or none of its values. */
  set(changes: SwitchChanges): void {
    this.#current = Switches.parse({ ...this.#current, ...changes });
  }

  restore(): void {
    this.#current = this.#opened;
  }
}
