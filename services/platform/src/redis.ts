import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Stoppable } from './lifecycle.ts';

/** A cache that may fail: after any error, the entry counts as missing. */
export type Cache = Stoppable & {
  /** In the order of the keys. */
  getMany: (keys: readonly string[]) => Promise<(Buffer | undefined)[]>;
  /** Kept for `ttlSeconds` at most. */
  setMany: (entries: readonly [key: string, value: Uint8Array][], ttlSeconds: number) => Promise<void>;
};

export type ConnectedCache = Cache & {
  /** Waits for the first connection, at most this long. */
  connected: (boundMs: number) => Promise<void>;
};

export type CacheSettings = {
  url: string;
  /** Every key gets the administration's prefix, and that of the data the entries belong to. */
  administration: string;
  namespace: string;
  /** How long an answer may take; after that the entry counts as missing. */
  timeoutMs?: number;
};

/** Connects in the background; commands are never queued for a server that is unavailable. */
export function connectCache({
  url,
  administration,
  namespace,
  timeoutMs = 25,
}: CacheSettings): ConnectedCache {
  const client = new Redis(url, {
    keyPrefix: `${administration}:${namespace}:`,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: 1_000,
    retryStrategy: (attempt) => Math.min(1_000, attempt * 100),
  });
  // Without a listener, a server that is unavailable would end the process.
  client.on('error', () => undefined);
  const breaker = { openUntilMs: 0 };
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (performance.now() < breaker.openUntilMs) return undefined;
    try {
      return await work();
    } catch {
      // A cache that takes its whole timeout each time would be slower than none.
      breaker.openUntilMs = performance.now() + breakerOpenMs;
      return undefined;
    }
  };
  return {
    name: 'redis',
    getMany: async (keys) => {
      const none = keys.map(() => undefined);
      if (keys.length === 0) return none;
      const held = await attempt(() => client.mgetBuffer([...keys]));
      return held?.map((value) => value ?? undefined) ?? none;
    },
    setMany: async (entries, ttlSeconds) => {
      if (entries.length === 0) return;
      await attempt(() => {
        const pipeline = client.pipeline();
        for (const [key, value] of entries) pipeline.set(key, Buffer.from(value), 'EX', ttlSeconds);
        return pipeline.exec();
      });
    },
    connected: async (boundMs) => {
      if (client.status === 'ready') return;
      await once(client, 'ready', { signal: AbortSignal.timeout(boundMs) }).catch(() => undefined);
    },
    stop: () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** After a failure the cache is not used for this long. */
const breakerOpenMs = 1_000;
