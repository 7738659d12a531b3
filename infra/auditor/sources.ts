import type { clearanceService } from '@aeo/proto';
import type { TranscriptEntry } from './transcript.ts';

export type DatabaseSource = {
  databaseUrl: string;
  /** The sealing key of the service; without it roots and links are proven, but no signature. */
  proofKeyFile?: string;
};

export type ClearanceSource = DatabaseSource & {
  /** Whose identifiers are domestic: XA unless said. */
  country?: string;
  /** Asks a live node: what it answers is compared with a view rebuilt from the topics. */
  askPriority?: (
    request: clearanceService.GetPriorityRequest,
  ) => Promise<clearanceService.GetPriorityResponse>;
};

/** One administration, as far as it runs: what is not named is not read, and what needs it is not compared. */
export type AdministrationSource = {
  /** The prefix of its topics. */
  name: string;
  kafkaBrokers: string;
  registry?: DatabaseSource;
  exchange?: DatabaseSource;
  clearance?: ClearanceSource;
};

export type Sources = {
  /** The T within which a suspension bites, and beyond which a status is stale. */
  boundMs: number;
  administrations: readonly AdministrationSource[];
  /** What clients really got; entries that name no administration belong to the first one. */
  transcripts: Iterable<TranscriptEntry> | AsyncIterable<TranscriptEntry>;
  /** For so long what is still under way may settle: 15 s unless said. */
  settleWithinMs?: number;
  /** The instant whose standings are compared: now, unless the databases' clock is another one. */
  at?: Date;
};
