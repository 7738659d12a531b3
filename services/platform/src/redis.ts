import { Redis } from 'ioredis';
import type { Stoppable } from './lifecycle.ts';

/** A cache that may vanish: whatever goes wrong looks like an entry that is not there. */
export type Cache = Stoppable & {
  get: (key: string) => Promise<Buffer | undefined>;
  /** Kept for `ttlSeconds` at most. */
  set: (key: string, value: Uint8Array, ttlSeconds: number) => Promise<void>;
};

export type CacheSettings = {
  url: string;
  /** Every key gets the administration's prefix. */
  administration: string;
  /** How long an answer may cost; longer, and the cache is passed by. */
  timeoutMs?: number;
};

/** Connects in the background; commands are never queued for a server that is away. */
export function connectCache({ url, administration, timeoutMs = 25 }: CacheSettings): Cache {
  const client = new Redis(url, {
    keyPrefix: `${administration}:`,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(1_000, attempt * 100),
  });
  // Without a listener, a server that is away would end the process.
  client.on('error', () => undefined);
  return {
    name: 'redis',
    get: (key) =>
      client.getBuffer(key).then(
        (value) => value ?? undefined,
        () => undefined,
      ),
    set: (key, value, ttlSeconds) =>
      client.set(key, Buffer.from(value), 'EX', ttlSeconds).then(
        () => undefined,
        () => undefined,
      ),
    stop: () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}
