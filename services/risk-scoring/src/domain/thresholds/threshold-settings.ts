/** Offices that expect fewer inspections in a window share a pool; beyond capacity a tenth have documents checked. */
export const thresholdDefaults = { documentPermille: 100, poolBelowExpected: 20 };

export const windowDays = 30;

/** Scores are kept for twice the window, as its end may move back a little. */
export const scoreKeptDays = 2 * windowDays;
