/** An arrangement as one side applies it: who the partner is, and what its status is worth here. */
export type Arrangement = {
  id: string;
  version: number;
  live: boolean;
  own: { administration: string; country: string };
  partner: { administration: string; country: string };
  purposes: string[];
  /** Thousandths of the threshold, by role. */
  credits: Record<string, number>;
  directions: string[];
  transportModes: string[];
  recognisedTiers: string[];
  /** More removals than both bounds wait for a second person. */
  removals: { rows: number; permille: number };
  listValidDays: number;
  /** True: an invented arrangement, shown as such wherever a benefit of it is reported. */
  demonstration: boolean;
};
