import type { clearanceService } from '@aeo/proto';
import type { TranscriptEntry } from './transcript.ts';

export type DatabaseSource = {
  databaseUrl: string;
  /** The sealing key of the service; without it roots and links are proven, but no signature. */
  proofKeyFile?: string;
};

export type ClearanceSource = DatabaseSource & {
  /** The country whose identifiers are domestic; XA by default. */
  country?: string;
  /** Calls a live node, whose answers are compared with a view that is rebuilt from the topics. */
  askPriority?: (
    request: clearanceService.GetPriorityRequest,
  ) => Promise<clearanceService.GetPriorityResponse>;
};

/** One administration; a service that is not named is not read, and comparisons that need it are left out. */
export type AdministrationSource = {
  /** The prefix of its topics. */
  name: string;
  kafkaBrokers: string;
  registry?: DatabaseSource;
  exchange?: DatabaseSource;
  clearance?: ClearanceSource;
};

export type Sources = {
  /** The time T within which a suspension takes effect, and beyond which a status is stale. */
  boundMs: number;
  administrations: readonly AdministrationSource[];
  /** What clients received; entries that name no administration belong to the first one. */
  transcripts: Iterable<TranscriptEntry> | AsyncIterable<TranscriptEntry>;
  /** How long work in progress may take to settle; 15 s by default. */
  settleWithinMs?: number;
  /** The time at which statuses are compared; now by default, other where the databases' clock differs. */
  at?: Date;
};
