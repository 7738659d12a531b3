import type { Transcript } from '../auditor/transcript.ts';
import type { Endpoints } from '../local/stack-types.ts';
import type { Supervised } from '../local/services/supervision.ts';
import type { Inputs } from './input/inputs.ts';
import type { RunOptions } from './input/options.ts';
import type { Progress } from './progress.ts';
import type { HomeAccess } from './services/home-services.ts';
import type { PartnerAccess } from './services/partner-services.ts';

/** What the main job runs on. */
export type JobSite = Pick<Endpoints, 'kafkaBrokers'> & {
  /** Where the transcript of the run's clients is written; without it the transcript is kept in memory. */
  transcriptFile?: string;
};

/** The services that the main job calls, wherever they run; without a partner no lists are exchanged. */
export type JobServices = {
  home: HomeAccess;
  partner: PartnerAccess | undefined;
  /** The logs of the services and of the stack; absent where they are elsewhere. */
  logDirectory?: string;
  /** Certificates of the administrations for each other; absent where none of them is available. */
  linkTlsDirectory?: string;
  /** The processes of the services, where the run may kill them. */
  supervised?: readonly Supervised[];
};

/** What every step receives. */
export type Job = {
  site: JobSite;
  services: JobServices;
  inputs: Inputs;
  options: RunOptions;
  progress: Progress;
  /** Every request and answer of the run's clients. */
  transcript: Transcript;
};
