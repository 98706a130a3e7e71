import type { Item } from "../admin-api.ts";
import type { Embedded } from "../embedded.ts";

export type Denial = {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly message: string;
};

/** A message that failed once, as one may on a busy machine, comes again within its visibility timeout. */
const REST_MS = 480_000;

/** A running product in which scenarios are tried, one after the other. */
export class Ground {
  readonly product: Embedded;
  #seen = 0;
  /** What is refused from now on shows something, but for this; undefined while a scenario is set up. */
  #isExpected: ((denial: Denial) => boolean) | undefined;

  constructor(product: Embedded) {
    this.product = product;
  }

  get url(): string {
    return this.product.url;
  }

  /** As after the first start: nothing is left of what was tried before. */
  async begin(): Promise<void> {
    await this.product.control("POST", "reset");
    this.#seen = 0;
    this.#isExpected = undefined;
  }

  /** What is refused up to now is not what is tried, nor is what is expected later. */
  async beginTrial({ isExpected = () => false }: Scenario): Promise<void> {
    this.#seen = (await this.#allDenials()).length;
    this.#isExpected = isExpected;
  }

  /** What was refused since, unexpected. */
  async denials(): Promise<readonly Denial[]> {
    return (await this.#allDenials()).slice(this.#seen).filter((denial) => !this.#isExpected?.(denial));
  }

  async #allDenials(): Promise<readonly Denial[]> {
    return (await this.product.control("GET", "denials"))["denials"] as readonly Denial[];
  }

  async swap(body: object): Promise<void> {
    await this.product.control("POST", "policy", body);
  }

  async isIdle(): Promise<boolean> {
    return (await this.product.control("GET", "idle"))["idle"] === true;
  }

  /** Throws when something is refused that is tried: what waits for it comes to no rest for as long as its queue lets it. */
  async settle(): Promise<void> {
    const isOver = async () => (await this.isIdle()) || (await this.#isRefused());
    await this.product.until("nothing is under way", isOver, REST_MS);
    if (await this.#isRefused()) throw new Error(`refused: ${JSON.stringify(await this.denials())}`);
  }

  async #isRefused(): Promise<boolean> {
    return this.#isExpected !== undefined && (await this.denials()).length > 0;
  }

  /** Nothing that a registry emits arrives from now on; `false`: everything does. */
  async loseEvents(lost: boolean): Promise<void> {
    await this.product.control("POST", "faults", { events: { drop: lost ? 1 : 0 } });
  }

  async inQueue(name: string): Promise<number> {
    const queues = (await this.product.control("GET", "idle"))["queues"] as readonly Item[];
    return queues
      .filter((queue) => queue["name"] === name)
      .reduce((sum, queue) => sum + Number(queue["visible"]), 0);
  }

  /** Asks the admin API. That there is nothing of the kind is an answer too; a refusal and a failure are errors. */
  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Item> {
    const { status, body } = await this.product.api.get(path, query);
    if (status !== 200 && status !== 404) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async post(path: string, body: unknown = {}): Promise<Item> {
    const answer = await this.product.api.post(path, body);
    if (answer.status >= 300)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Something that people or time do to the product, to see whether its permissions are enough for it. */
export type Scenario = {
  /** Done with all permissions; may take some away that stay away. */
  readonly setUp?: (ground: Ground) => Promise<void>;
  readonly act: (ground: Ground) => Promise<void>;
  /** Whether what `act` set off has come to its good end. May throw as long as it has not. */
  readonly isDone: (ground: Ground) => Promise<boolean>;
  /** What is refused because `setUp` took it away; all else must be allowed. */
  readonly isExpected?: (denial: Denial) => boolean;
};
