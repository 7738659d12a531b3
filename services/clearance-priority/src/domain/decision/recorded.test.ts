import { expect, test } from 'vitest';
import { clearanceDecision } from '../vocabulary.ts';
import { recordedFrom } from './recorded.ts';

test('a stored decision keeps its bytes and is decoded once', () => {
  const decision = clearanceDecision.Decision.fromPartial({ declarationId: 'D1', version: 3 });
  const bytes = clearanceDecision.Decision.encode(decision).finish();
  const recorded = recordedFrom(bytes, new Date(5));
  expect(recorded.bytes).toBe(bytes);
  expect(recorded.decision).toMatchObject({ declarationId: 'D1', version: 3 });
  expect(recorded.decision).toBe(recorded.decision);
});
