import type { Endpoints } from '../../infra/local/stack-types.ts';
import type { BlockSettings, Comparison } from './blocks.ts';

/** Where a benchmark runs and how long its blocks are. */
export type Site = {
  stack: Endpoints;
  /** For certificates, logs and whatever else it writes; removed afterwards. */
  folder: string;
  blocks: BlockSettings;
  /** A line for the reader. */
  print: (line: string) => void;
};

export type Finding = {
  /** What is divided by what. */
  ratioOf: string;
  comparison: Comparison;
  /** The unit of both sides. */
  unit: string;
  /** Where the ratio should be, and which end of the interval speaks against it; undefined where no goal is set. */
  goal?: { atLeast: number } | { atMost: number };
};

export type Benchmark = {
  name: string;
  what: string;
  /** @throws Error where an answer was wrong: then there is no number */
  run(site: Site): Promise<Finding[]>;
};
