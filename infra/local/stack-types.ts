import type { ProxiedListener } from './kafka/kafka-settings.ts';
import type { Part } from './processes/child-process.ts';

/** Where the servers of a stack run: as programs of this machine, or in containers. */
export type StackKind = 'local' | 'docker';

/** Downloads are kept between starts; data only where a start continues an earlier one. */
export type StackFolders = { downloads: string; data: string; logs: string; run: string; fresh: boolean };

export type Endpoints = { kafkaBrokers: string; postgresUrl: string; redisUrl: string };

/** Where a server of the stack starts: its folders, where a line for the reader goes, and what cancels the start. */
export type StackSite = { folders: StackFolders; log: (line: string) => void; shutdown: AbortSignal };

export type Stack = Endpoints & {
  folders: StackFolders;
  /** Cancels what is still starting on the stack. */
  shutdown?: AbortSignal;
  stop(): Promise<void>;
};

export type StartedServer<Process extends Part = Part> = { address: string; part: Process };

/** What starts each server of a stack. */
export type Servers = {
  redis: () => Promise<StartedServer>;
  postgres: () => Promise<StartedServer>;
  kafka: (distant?: ProxiedListener) => Promise<StartedServer>;
};
