/**
 * One client: *greeting* (its protocol header is awaited), *starting* (start sent), *tuning*, *opening*,
 * *open*, *closing* (a close was sent and close-ok is awaited; all else is ignored) and *closed*. The
 * first four together may take 10 s.
 */
import type { Socket } from "node:net";
import { authenticate } from "./access.ts";
import type { Identity, Users } from "./access.ts";
import { Channel } from "./channel.ts";
import type { Link } from "./channel.ts";
import { plainTable } from "./codec/field-table.ts";
import type { FieldTable } from "./codec/field-table.ts";
import { decodeMethod, encodeMethod, idsOf } from "./codec/method.ts";
import type { Method, MethodName, Said } from "./codec/methods.ts";
import type { Engine, Sender } from "./engine.ts";
import { Fault } from "./fault.ts";
import { FrameParser, FrameWriter, frameTypes } from "./frames.ts";
import type { Frame } from "./frames.ts";
import { negotiate, offer, protocolHeader, start } from "./handshake.ts";
import type { Tuning } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { Queue } from "./queue.ts";
import type { VirtualHost } from "./virtual-host.ts";

type State = "greeting" | "starting" | "tuning" | "opening" | "open" | "closing" | "closed";

export interface ConnectionSettings {
  readonly users: Users;
  readonly log: (line: string) => void;
  /** Called once, when the socket is gone. */
  readonly onClosed: (connection: Connection) => void;
}

const handshakeMs = 10_000;
/** How long a client may take to answer a close. */
const closeMs = 3_000;
/** Above this much unsent output no more is delivered; far above it no more is read. */
const deliverLimitBytes = 256 * 1024;
const readLimitBytes = 4 * 1024 * 1024;
const frameMaxBeforeTuning = 8192;

export class Connection implements Link, Sender {
  readonly engine: Engine;
  readonly name: string;
  readonly connectedAtMs: number;
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #parser = new FrameParser(frameMaxBeforeTuning);
  readonly #writer = new FrameWriter();
  readonly #channels = new Map<number, Channel>();
  /** Channels the server has closed and the client has not yet confirmed. */
  readonly #closingChannels = new Set<number>();
  /** Queues that had something for this client when its socket was full. */
  readonly #starved = new Set<Queue>();
  #state: State = "greeting";
  #tuning: Tuning = offer;
  #identity: Identity = { name: "", permissions: undefined };
  #virtualHost: VirtualHost | undefined;
  #clientProperties: FieldTable = new Map();
  #heartbeat: Heartbeat | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isSocketFull = false;
  #isBlocked = false;
  #isTold = false;
  /** The stream could not be cut into frames: what comes is thrown away. */
  #isDeaf = false;
  /** With the next flush all is said. */
  #isLastFlush = false;
  /** What is being handled, for the answer if it fails. */
  #current: { channel: number; method: MethodName | undefined } = { channel: 0, method: undefined };

  constructor(socket: Socket, engine: Engine, settings: ConnectionSettings) {
    this.engine = engine;
    this.#socket = socket;
    this.#settings = settings;
    this.connectedAtMs = engine.clock.nowMs();
    this.name = `${socket.remoteAddress}:${socket.remotePort} -> ${socket.localAddress}:${socket.localPort}`;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("error", (error) => this.#log(`socket: ${error.message}`));
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#closed());
    this.#limitTo(handshakeMs, "the handshake took too long");
  }

  get state(): State | "blocked" {
    return this.#isBlocked ? "blocked" : this.#state;
  }

  get identity(): Identity {
    return this.#identity;
  }

  get virtualHost(): VirtualHost {
    return this.#virtualHost!;
  }

  get virtualHostName(): string | undefined {
    return this.#virtualHost?.name;
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values();
  }

  get clientProperties(): Record<string, unknown> {
    return plainTable(this.#clientProperties);
  }

  get tuning(): Tuning {
    return this.#tuning;
  }

  get bytes(): { readonly received: number; readonly sent: number } {
    return { received: this.#socket.bytesRead, sent: this.#socket.bytesWritten };
  }

  get knowsConsumerCancel(): boolean {
    return this.#hasCapability("consumer_cancel_notify");
  }

  send<Name extends MethodName>(channel: number, name: Name, args: Said<Name>): void {
    if (this.#state === "closed") return;
    this.#writer.frame(frameTypes.method, channel, encodeMethod(name, args));
    this.engine.willFlush(this);
  }

  sendContent(channel: number, content: { properties: Buffer; body: Buffer }): void {
    if (this.#state === "closed") return;
    this.#writer.content(channel, content, this.#tuning.frameMax);
    this.engine.willFlush(this);
  }

  takesMore(queue: Queue): boolean {
    if (!this.#isSocketFull && this.#writer.bytes < deliverLimitBytes) return true;
    this.#starved.add(queue);
    return false;
  }

  dependsOnDisk(): void {
    this.engine.dependsOnDisk(this);
  }

  hasPublished(): void {
    if (this.engine.alarm === undefined || this.#isBlocked) return;
    this.#isBlocked = true;
    if (this.#hasCapability("connection.blocked")) {
      this.send(0, "connection.blocked", { reason: this.engine.alarm });
      this.#isTold = true;
    }
  }

  unblock(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    if (this.#isTold) this.send(0, "connection.unblocked", {});
    this.#isTold = false;
    this.#readOn();
  }

  /** https://nodejs.org/api/stream.html#writablewritechunk-encoding-callback: false means wait for `drain`. */
  flush(): void {
    if (this.#state === "closed") return;
    const parts = this.#writer.take();
    if (parts.length > 1) this.#socket.cork();
    for (const part of parts) if (!this.#socket.write(part)) this.#isSocketFull = true;
    if (parts.length > 1) this.#socket.uncork();
    if (parts.length > 0) this.#heartbeat?.sent();
    if (this.#isLastFlush) this.#socket.end();
    else if (!this.#isSocketFull) this.#wakeStarved();
  }

  abandon(reason: string): void {
    this.#writer.take();
    this.#fail(new Fault("internal-error", reason));
  }

  /** Ends the connection in an orderly way; the client gets a moment to agree. */
  close(reason: string): void {
    if (this.#state === "open") {
      this.#fail(new Fault("connection-forced", `broker forced connection closure with reason '${reason}'`));
    } else this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #received(chunk: Buffer): void {
    this.#heartbeat?.received();
    if (this.#state === "closed" || this.#isDeaf) return;
    this.#parser.push(chunk);
    this.#readOn();
  }

  /** Handles complete frames until there are none, or no more may be read. */
  #readOn(): void {
    while (this.#mayRead() && !this.#isDeaf && this.#state !== "closed") {
      try {
        if (!this.#step()) break;
      } catch (error) {
        this.#failed(error);
      }
    }
    if (this.#mayRead()) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Who is held back, or has not taken its answers, is not listened to. */
  #mayRead(): boolean {
    return !this.#isBlocked && this.#writer.bytes + this.#socket.writableLength <= readLimitBytes;
  }

  /** One frame or the protocol header; false if it has not arrived in full. */
  #step(): boolean {
    this.#current = { channel: 0, method: undefined };
    if (this.#state === "greeting") return this.#greet();
    const frame = this.#parser.next();
    if (!frame) return false;
    this.#current.channel = frame.channel;
    if (this.#state === "closing") this.#onFrameWhileClosing(frame);
    else this.#onFrame(frame);
    return true;
  }

  /** https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2.2. */
  #greet(): boolean {
    const header = this.#parser.raw(protocolHeader.length);
    if (!header) return false;
    if (header.equals(protocolHeader)) {
      this.#state = "starting";
      this.send(0, "connection.start", start);
      return true;
    }
    this.#log("the client does not speak AMQP 0-9-1");
    this.#socket.end(protocolHeader);
    this.#state = "closed";
    return false;
  }

  #onFrame(frame: Frame): void {
    if (frame.type === frameTypes.heartbeat) {
      if (frame.channel !== 0) throw new Fault("frame-error", "heartbeat on a channel");
      return;
    }
    if (frame.channel === 0) this.#onConnectionFrame(frame);
    else if (this.#state !== "open") throw new Fault("channel-error", "channel used before connection.open");
    else this.#onChannelFrame(frame);
  }

  #onFrameWhileClosing(frame: Frame): void {
    if (frame.type !== frameTypes.method || frame.channel !== 0) return;
    const { classId, methodId } = idsOf("connection.close-ok");
    if (frame.payload.readUInt16BE(0) === classId && frame.payload.readUInt16BE(2) === methodId) {
      this.#socket.end();
    } else if (decodeMethod(frame.payload).name === "connection.close") {
      this.send(0, "connection.close-ok", {});
    }
  }

  #onConnectionFrame(frame: Frame): void {
    if (frame.type !== frameTypes.method) {
      throw new Fault("unexpected-frame", `frame of type ${frame.type} on channel 0`);
    }
    const method = decodeMethod(frame.payload);
    this.#current.method = method.name;
    if (method.name === "connection.close") return this.#closeAsAsked();
    switch (this.#state) {
      case "starting":
        return this.#onStartOk(method);
      case "tuning":
        return this.#onTuneOk(method);
      case "opening":
        return this.#onOpen(method);
      default:
        return this.#onOpenConnection(method);
    }
  }

  #onStartOk(method: Method): void {
    if (method.name !== "connection.start-ok") throw outOfOrder(method, "connection.start-ok");
    this.#clientProperties = method.args.clientProperties;
    const { mechanism, response } = method.args;
    const name = authenticate(this.#settings.users, mechanism, response);
    if (name === undefined) return this.#refuseLogin(mechanism);
    this.#identity = { name, permissions: undefined };
    this.#state = "tuning";
    this.send(0, "connection.tune", offer);
  }

  /** https://www.rabbitmq.com/docs/auth-notification */
  #refuseLogin(mechanism: string): void {
    this.#log(`login refused using authentication mechanism ${mechanism}`);
    if (!this.#hasCapability("authentication_failure_close")) {
      this.#socket.destroy();
      return;
    }
    const text = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
    this.#fail(new Fault("access-refused", text));
  }

  #onTuneOk(method: Method): void {
    if (method.name !== "connection.tune-ok") throw outOfOrder(method, "connection.tune-ok");
    this.#tuning = negotiate(method.args);
    this.#parser.frameMax = this.#tuning.frameMax;
    this.#heartbeat = new Heartbeat(this.#tuning.heartbeatSeconds, {
      nowMs: () => this.engine.clock.nowMs(),
      isReading: () => !this.#socket.isPaused(),
      send: () => {
        this.#writer.frame(frameTypes.heartbeat, 0, Buffer.alloc(0));
        this.engine.willFlush(this);
      },
      missed: () => {
        this.#log("missed heartbeats from the client");
        this.#socket.destroy();
      },
    });
    this.#state = "opening";
  }

  #onOpen(method: Method): void {
    if (method.name !== "connection.open") throw outOfOrder(method, "connection.open");
    const path = method.args.virtualHost;
    const virtualHost = this.engine.virtualHosts.get(path);
    if (!virtualHost) throw new Fault("not-allowed", `vhost ${path} not found`);
    const { name } = this.#identity;
    const { permissions } = this.#settings.users[name];
    if (permissions && !Object.hasOwn(permissions, path)) {
      throw new Fault("not-allowed", `access to vhost '${path}' refused for user '${name}'`);
    }
    this.#identity = { name, permissions: permissions?.[path] };
    this.#virtualHost = virtualHost;
    this.#state = "open";
    clearTimeout(this.#timer);
    this.engine.senders.add(this);
    this.#log(`open: user '${name}', vhost '${path}'`);
    this.send(0, "connection.open-ok", {});
  }

  #onOpenConnection(method: Method): void {
    if (method.name === "connection.update-secret") {
      this.send(0, "connection.update-secret-ok", {});
      return;
    }
    if (method.name.startsWith("connection.")) {
      throw new Fault("command-invalid", `unexpected ${method.name}`);
    }
    throw new Fault("channel-error", `${method.name} on channel 0`);
  }

  #closeAsAsked(): void {
    this.send(0, "connection.close-ok", {});
    this.#endChannels();
    this.#state = "closing";
    this.#isLastFlush = true;
    this.#limitTo(closeMs);
  }

  #onChannelFrame(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    if (frame.type === frameTypes.method) {
      const method = decodeMethod(frame.payload);
      this.#current.method = method.name;
      this.#onChannelMethod(frame.channel, channel, method);
    } else if (frame.type === frameTypes.header || frame.type === frameTypes.body) {
      if (!channel) return this.#requireClosing(frame.channel);
      this.#current.method = "basic.publish";
      if (frame.type === frameTypes.header) channel.onHeader(frame.payload);
      else channel.onBody(frame.payload);
    } else throw new Fault("frame-error", `unknown frame type ${frame.type}`);
  }

  #onChannelMethod(number: number, channel: Channel | undefined, method: Method): void {
    if (this.#closingChannels.has(number)) return this.#onClosingChannel(number, method);
    if (method.name === "channel.open") return this.#openChannel(number);
    if (!channel) return this.#requireClosing(number);
    if (method.name === "channel.close") {
      this.#endChannel(number);
      this.send(number, "channel.close-ok", {});
    } else if (method.name.startsWith("connection.")) {
      throw new Fault("command-invalid", `${method.name} on channel ${number}`);
    } else channel.onMethod(method);
  }

  #onClosingChannel(number: number, method: Method): void {
    if (method.name === "channel.close") this.send(number, "channel.close-ok", {});
    if (method.name === "channel.close-ok") this.#closingChannels.delete(number);
  }

  #openChannel(number: number): void {
    if (this.#channels.has(number)) throw new Fault("channel-error", "second 'channel.open' seen");
    const { channelMax } = this.#tuning;
    if (number > channelMax) {
      throw new Fault("not-allowed", `channel ${number} is above the negotiated channel_max (${channelMax})`);
    }
    this.#channels.set(number, new Channel(number, this));
    this.send(number, "channel.open-ok", {});
  }

  #requireClosing(number: number): void {
    if (!this.#closingChannels.has(number)) throw new Fault("channel-error", "expected 'channel.open'");
  }

  /** Answers an error: on its channel, or by closing the connection. Only bugs and broken disks are no faults. */
  #failed(error: unknown): void {
    if (this.#state === "closing") {
      this.#isDeaf = true;
      return;
    }
    if (!(error instanceof Fault)) {
      this.#log(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      this.#fail(new Fault("internal-error", "an internal error occurred"));
      return;
    }
    this.#log(error.replyText);
    const { channel } = this.#current;
    if (error.scope === "channel" && this.#channels.has(channel)) this.#failChannel(channel, error);
    else this.#fail(error);
  }

  #failChannel(number: number, fault: Fault): void {
    this.#endChannel(number);
    this.#closingChannels.add(number);
    this.send(number, "channel.close", {
      replyCode: fault.code,
      replyText: fault.replyText,
      ...this.#culprit(),
    });
  }

  #fail(fault: Fault): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#endChannels();
    this.#state = "closing";
    this.#isDeaf = fault.kind === "frame-error";
    this.send(0, "connection.close", {
      replyCode: fault.code,
      replyText: fault.replyText,
      ...this.#culprit(),
    });
    this.#isLastFlush = this.#isDeaf;
    if (this.#isBlocked) {
      this.#isBlocked = false;
      this.#readOn();
    }
    this.#limitTo(closeMs);
  }

  #culprit(): { readonly classId: number; readonly methodId: number } {
    const { method } = this.#current;
    return method === undefined ? { classId: 0, methodId: 0 } : idsOf(method);
  }

  #endChannel(number: number): void {
    const channel = this.#channels.get(number);
    this.#channels.delete(number);
    channel?.close();
  }

  /** The latest first, so that what they hold finds its place again quickly. */
  #endChannels(): void {
    for (const number of [...this.#channels.keys()].reverse()) this.#endChannel(number);
    if (!this.#virtualHost) return;
    for (const queue of this.#virtualHost.queues.values()) {
      if (queue.identity.owner === this) this.#virtualHost.deleteQueue(queue);
    }
  }

  #closed(): void {
    clearTimeout(this.#timer);
    this.#heartbeat?.stop();
    this.engine.senders.delete(this);
    this.#endChannels();
    this.#state = "closed";
    this.#starved.clear();
    this.#log("closed");
    this.#settings.onClosed(this);
  }

  #drained(): void {
    this.#isSocketFull = false;
    this.#wakeStarved();
    this.#readOn();
  }

  #wakeStarved(): void {
    for (const queue of this.#starved) this.engine.wake(queue);
    this.#starved.clear();
  }

  #limitTo(milliseconds: number, reason?: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (reason !== undefined) this.#log(reason);
      this.#socket.destroy();
    }, milliseconds);
  }

  #hasCapability(name: string): boolean {
    const capabilities = this.#clientProperties.get("capabilities");
    return capabilities?.tag === "F" && capabilities.value.get(name)?.value === true;
  }

  #log(text: string): void {
    this.#settings.log(`${this.name}: ${text}`);
  }
}

function outOfOrder(method: Method, expected: MethodName): Fault {
  return new Fault("command-invalid", `expected ${expected}, got ${method.name}`);
}
