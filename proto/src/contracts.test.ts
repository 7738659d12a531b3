import { expect, test } from 'vitest';
import { Lane } from './gen/aeo/common/v1/common.ts';
import { Decision } from './gen/aeo/clearance/v1/decision.ts';
import { Declaration } from './gen/aeo/declaration/v1/declaration.ts';
import { OperatorStatus } from './gen/aeo/registry/v1/operator_status.ts';
import { topics } from './topics.ts';

test('an unknown enum value survives a read and a write', () => {
  const unknownLane = Buffer.from([0x58, 0x63]); // Field 11 (lane), value 99.
  const decision = Decision.decode(unknownLane);
  expect(Object.values(Lane)).not.toContain(decision.lane);
  expect(Buffer.from(Decision.encode(decision).finish())).toEqual(unknownLane);
});

test('an unknown field survives a read and a write', () => {
  const later = Buffer.from([0xfa, 0x3f, 0x01, 0x2a]); // Field 1023, which this version does not know.
  expect(Buffer.from(Declaration.encode(Declaration.decode(later)).finish())).toEqual(later);
});

test('64-bit numbers stay exact', () => {
  const version = { epoch: 1n, number: 9_007_199_254_740_993n };
  const wire = OperatorStatus.encode(OperatorStatus.fromPartial({ version })).finish();
  expect(OperatorStatus.decode(wire).version?.number).toBe(9_007_199_254_740_993n);
});

test('every topic is named by context, noun and version', () => {
  for (const topic of Object.values(topics)) expect(topic.name).toMatch(/^[a-z]+\.[a-z-]+\.v[0-9]+$/);
});
