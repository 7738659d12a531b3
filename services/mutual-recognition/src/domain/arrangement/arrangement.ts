/** An arrangement as seen from one side: who the partner is, and what its status is worth here. */
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
  /** True: invented, and shown as such wherever a benefit of it is reported. */
  demonstration: boolean;
};
