/** How many examples a property is tried on: 300, or as many as PROPERTY_RUNS says. */
export const propertyRuns = Number(process.env['PROPERTY_RUNS'] ?? '300');

/** A property's test may take as much longer as it has more examples. */
export const propertyLimitMs = (20_000 * propertyRuns) / 300;
