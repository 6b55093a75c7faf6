export interface HeartbeatHost {
  nowMs(): number;
  /** False while the broker itself has stopped reading: then silence proves nothing. */
  isReading(): boolean;
  send(): void;
  /** Nothing was received for two intervals. */
  missed(): void;
}

/**
 * Keeps a quiet connection alive and notices a dead one: something is sent at least every half interval,
 * and a peer that is silent for two intervals is gone. https://www.rabbitmq.com/docs/heartbeats
 */
export class Heartbeat {
  readonly #host: HeartbeatHost;
  readonly #timer: NodeJS.Timeout | undefined;
  #hasSent = false;
  #receivedAtMs: number;

  /** @param seconds the negotiated interval; 0 is none */
  constructor(seconds: number, host: HeartbeatHost) {
    this.#host = host;
    this.#receivedAtMs = host.nowMs();
    if (seconds > 0) this.#timer = setInterval(() => this.#beat(seconds * 2000), seconds * 500);
  }

  sent(): void {
    this.#hasSent = true;
  }

  received(): void {
    this.#receivedAtMs = this.#host.nowMs();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(silenceMs: number): void {
    if (!this.#host.isReading()) this.received();
    else if (this.#host.nowMs() - this.#receivedAtMs > silenceMs) return this.#host.missed();
    if (!this.#hasSent) this.#host.send();
    this.#hasSent = false;
  }
}
