/** What jobs run on: one tree, one stack. */
export type Site = {
  /** The tree's root. */
  root: string;
  /** Where everything goes that is not committed. */
  local: string;
  /** The stack's addresses, as tests read them. */
  env: NodeJS.ProcessEnv;
  /** Where children are noted. */
  pidFolder: string;
  shutdown: AbortSignal;
};

export type JobOutcome = {
  passed: boolean;
  /** One line for the reader. */
  said: string;
  /** What a later report is made of. */
  detail?: unknown;
};

export type Job = {
  name: string;
  seed?: number;
  /** Files and folders (with a stroke at the end) of the tree by whose change an earlier result is void. */
  inputs: readonly string[];
  /** Anything else the result depends on. */
  settings?: string;
  run(site: Site, fingerprint: string): Promise<JobOutcome>;
};
