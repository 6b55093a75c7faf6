import type { ClientRequest, IncomingMessage } from "node:http";
import { hasBody } from "./headers.ts";

/** The most of a body that is kept in memory in case it has to be sent again, in bytes. */
const keptBytes = 64 * 1024;

/**
 * The body of a request on its way to a backend, at the pace of the backend. The beginning is kept until the
 * body has outgrown `keptBytes`, so that a short one can be sent a second time.
 */
export class RequestBody {
  readonly #request: IncomingMessage;
  readonly #isEmpty: boolean;
  #kept: Buffer[] | undefined;
  #keptSize = 0;
  #hasBegun = false;
  #hasEnded = false;
  #to: ClientRequest | undefined;

  /** @param isKept whether it may have to be sent again */
  constructor(request: IncomingMessage, isKept: boolean) {
    this.#request = request;
    this.#isEmpty = !hasBody(request);
    this.#kept = isKept ? [] : undefined;
  }

  /** All of it that was read is still at hand. */
  get canRepeat(): boolean {
    return this.#isEmpty || !this.#hasBegun || this.#kept !== undefined;
  }

  /** Sends what is kept and then the rest as it comes. */
  sendTo(to: ClientRequest): void {
    if (this.#isEmpty) return void to.end();
    this.#to = to;
    for (const chunk of this.#kept ?? []) to.write(chunk);
    if (this.#hasEnded) return void to.end();
    to.on("drain", () => this.#to === to && this.#request.resume());
    this.#listen();
    this.#request.resume();
  }

  /** Reads no further until there is somebody to send it to. */
  detach(): void {
    this.#to = undefined;
    if (this.#hasBegun && !this.#hasEnded) this.#request.pause();
  }

  #listen(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#request.on("data", (chunk: Buffer) => {
      this.#keep(chunk);
      if (this.#to?.write(chunk) === false) this.#request.pause();
    });
    this.#request.on("end", () => {
      this.#hasEnded = true;
      this.#to?.end();
    });
  }

  #keep(chunk: Buffer): void {
    this.#keptSize += chunk.length;
    if (this.#keptSize > keptBytes) this.#kept = undefined;
    else this.#kept?.push(chunk);
  }
}
