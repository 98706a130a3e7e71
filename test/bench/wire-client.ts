import { connect, type Socket } from "node:net";

/** A registry as the client sees it: where it listens and what it wants to hear with every request. */
export type Target = {
  readonly name: string;
  readonly port: number;
  /** `authorization: Basic ...\r\n`, or nothing. */
  readonly credentials: string;
};

export type WireRequest = {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  readonly contentType?: string;
  /** Sent as they are, one after the other. */
  readonly body?: readonly Uint8Array[];
};

export type Answer = { readonly status: number; readonly head: string; readonly bodyBytes: number };

/** For answers; every connection reads into a buffer of its own, again and again. */
const READ_BUFFER = 256 * 1024;

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void };

/**
 * One kept connection, one request at a time. As little as HTTP/1.1 needs, so that what is measured is the server: an
 * answer's body is counted, not kept, and must say its Content-Length.
 */
export class WireConnection {
  readonly #target: Target;
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #head = "";
  #answer: { status: number; head: string; expected: number; received: number } | undefined;

  private constructor(target: Target, socket: Socket) {
    this.#target = target;
    this.#socket = socket;
  }

  static async open(target: Target): Promise<WireConnection> {
    const buffer = Buffer.alloc(READ_BUFFER);
    let received = (_length: number) => {};
    const callback = (length: number): boolean => {
      received(length);
      return true;
    };
    const onread = { buffer, callback };
    const socket = connect({ port: target.port, host: "127.0.0.1", noDelay: true, onread });
    const opened = new WireConnection(target, socket);
    received = (length) => opened.#received(buffer.subarray(0, length));
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", (error) => opened.#fail(error));
    socket.on("close", () => opened.#fail(new Error(`${target.name} closed the connection`)));
    return opened;
  }

  async request(request: WireRequest): Promise<Answer> {
    const { method, path, accept = "*/*", contentType, body = [] } = request;
    const length = body.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    const carries = method !== "GET" && method !== "HEAD";
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#target.port}\r\nAccept: ${accept}\r\n` +
        this.#target.credentials +
        (contentType === undefined ? "" : `Content-Type: ${contentType}\r\n`) +
        (carries ? `Content-Length: ${length}\r\n\r\n` : "\r\n"),
    );
    for (const chunk of body) if (!this.#socket.write(chunk)) await this.#drained();
    return answered;
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  /** Whoever answers before the body has ended does not read on: then the answer is all there is to wait for. */
  async #drained(): Promise<void> {
    if (this.#waiting === undefined || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      this.#socket.once("drain", done).once("close", done);
    });
  }

  #received(chunk: Buffer): void {
    let bytes = chunk.byteLength;
    if (this.#answer === undefined) {
      const before = this.#head.length;
      this.#head += chunk.toString("latin1");
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return;
      bytes = before + bytes - (end + 4);
      const head = this.#head.slice(0, end);
      this.#head = "";
      this.#answer = {
        status: Number(head.slice(9, 12)),
        head,
        expected: Number(headerOf(head, "content-length")),
        received: 0,
      };
    }
    this.#answer.received += bytes;
    if (this.#answer.received >= this.#answer.expected) this.#finish(this.#answer);
  }

  #finish({ status, head, received }: { status: number; head: string; received: number }): void {
    this.#answer = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status, head, bodyBytes: received });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Of an answer's head; throws when it is not there. */
export function headerOf(head: string, name: string): string {
  const value = new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
  if (value === undefined) throw new Error(`no ${name} in the answer:\n${head}`);
  return value;
}

/** The answer's head; throws for another status. */
export async function expectStatus(status: number, pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  if (answer.status !== status) throw new Error(`expected ${status}, got:\n${answer.head}`);
  return answer;
}
