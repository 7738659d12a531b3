import { inboxKeptDays } from '@aeo/platform/inbox';
import { topics } from '@aeo/proto';
import { expect, test } from 'vitest';

test('a control is remembered for longer than its topic can repeat it', () => {
  const keptDays = Number(topics.control.config['retention.ms']) / (24 * 3_600_000);
  // The oldest segment goes when its newest record is too old, and a segment takes in records for a week.
  expect(inboxKeptDays).toBeGreaterThan(keptDays + 7);
});
