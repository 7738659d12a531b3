import { setTimeout as pause } from 'node:timers/promises';
import type { clearanceService } from '@aeo/proto';

type Request = clearanceService.AssessStreamRequest;
type Response = clearanceService.AssessStreamResponse;

/** The client's end of one AssessStream. */
export type AssessChannel = {
  write(request: Request): Promise<void>;
  onAnswer(listener: (answer: Response) => void): void;
  /** Resolves when the stream has ended for any reason. */
  ended: Promise<void>;
  /** Ends the requests; answers may still arrive. */
  end(): void;
  /** Cancels the stream at once. */
  cancel(): void;
};

export type LineSettings = {
  /** A stream without an answer for this long, while requests wait, is cancelled. */
  silenceMaxMs: number;
  reconnectMs: number;
  /** Five streams in a row that bring nothing end it, once nothing was answered for this long. */
  patienceMs: number;
};

const silentStreamsMax = 5;
const endMaxMs = 5_000;

/**
 * One stream at a time, opened again whenever it ends. Requests without an answer are then sent again, which is safe:
 * a declaration version is decided once.
 */
export class AssessLine {
  /** Rejected when five streams in a row brought no answer; never fulfilled. */
  readonly failed: Promise<never>;
  readonly #open: () => AssessChannel;
  readonly #settings: LineSettings;
  readonly #onAnswer: (answer: Response) => void;
  readonly #waiting = new Map<string, Request>();
  readonly #watch: NodeJS.Timeout;
  readonly #fail: (reason: Error) => void;
  #channel: AssessChannel;
  #closed = false;
  #opened = 0;
  #silentStreams = 0;
  #lastMessageMs = performance.now();
  #answeredMs = performance.now();

  constructor(open: () => AssessChannel, settings: LineSettings, onAnswer: (answer: Response) => void) {
    this.#open = open;
    this.#settings = settings;
    this.#onAnswer = onAnswer;
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    this.failed = promise;
    this.#fail = reject;
    this.#channel = this.#connect();
    this.#watch = setInterval(() => this.#cancelSilentStream(), Math.min(250, settings.silenceMaxMs));
  }

  /** Requests without an answer so far. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Streams opened after the first one. */
  get reconnects(): number {
    return this.#opened - 1;
  }

  /** Fulfilled when the stream takes more. Request ids must be distinct. */
  async send(request: Request): Promise<void> {
    if (this.#waiting.size === 0) this.#lastMessageMs = this.#answeredMs = performance.now();
    this.#waiting.set(request.requestId, request);
    // A stream that ends meanwhile takes nothing with it: what waits is sent on the next one.
    await Promise.race([this.#channel.write(request), this.#channel.ended]).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    this.#channel.end();
    const over = this.#channel.ended.catch(() => undefined);
    await Promise.race([over, pause(endMaxMs, undefined, { ref: false })]);
    this.#channel.cancel();
  }

  #connect(): AssessChannel {
    const channel = this.#open();
    this.#opened += 1;
    this.#lastMessageMs = performance.now();
    channel.onAnswer((answer) => this.#receive(answer));
    const reopen = () => this.#reopen();
    channel.ended.then(reopen, reopen);
    return channel;
  }

  #receive(answer: Response): void {
    this.#lastMessageMs = this.#answeredMs = performance.now();
    this.#silentStreams = 0;
    // Where a stream ended between an answer and its arrival, the same question is answered twice.
    if (this.#waiting.delete(answer.requestId)) this.#onAnswer(answer);
  }

  #reopen(): void {
    if (this.#closed) return;
    this.#silentStreams += 1;
    const silentMs = performance.now() - this.#answeredMs;
    if (this.#silentStreams > silentStreamsMax && silentMs > this.#settings.patienceMs) {
      this.#fail(
        new Error(`clearance-priority answered nothing on ${this.#silentStreams - 1} streams in a row`),
      );
      return;
    }
    setTimeout(() => {
      if (this.#closed) return;
      this.#channel = this.#connect();
      for (const request of this.#waiting.values()) void this.send(request);
    }, this.#settings.reconnectMs);
  }

  #cancelSilentStream(): void {
    const silentMs = performance.now() - this.#lastMessageMs;
    if (this.#waiting.size > 0 && silentMs > this.#settings.silenceMaxMs) {
      this.#lastMessageMs = performance.now();
      this.#channel.cancel();
    }
  }
}
