import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrangementOf } from '../../../../../tests/setup/partner-list.ts';
import type { RowStatus } from './list.ts';
import type { OwnComponent, OwnOperator } from './own-operators.ts';
import { rowOf, publishedComponent } from './own-row.ts';

const at = new Date('2026-06-01T12:00:00Z');
const arrangement = arrangementOf({
  purposes: ['fiscal_compliance'],
  recognisedTiers: ['tier-1', 'tier-2'],
});

const part = (status: RowStatus, changes: Partial<OwnComponent> = {}): OwnComponent => ({
  component: 'compliance',
  tier: 'tier-1',
  status,
  purposes: ['fiscal_compliance'],
  validFrom: null,
  validUntil: null,
  decidedAt: null,
  effectiveFrom: null,
  sharedWith: 'all',
  ...changes,
});
const published = (...components: OwnComponent[]) => publishedComponent(components, arrangement, at);
const open = { validFrom: null, validUntil: null };
const ours = { scheme: 'test-id', country: 'XA', value: 'H1' };
const operator = (changes: Partial<OwnOperator> = {}): OwnOperator => ({
  operatorId: 'o1',
  version: { epoch: 1n, number: 1n },
  identifiers: [{ ...ours, ...open }],
  components: [part('active')],
  ...changes,
});

describe('what goes abroad of several certificates', () => {
  test('within one component a new one outweighs a revoked one, and a suspension both', () => {
    expect(published(part('revoked'), part('active'))?.status).toBe('active');
    expect(published(part('active'), part('suspended'), part('revoked'))?.status).toBe('suspended');
    expect(published(part('revoked'))?.status).toBe('revoked');
  });

  test('between components the best counts, of a tier the arrangement recognises', () => {
    const other = { component: 'security' };
    expect(published(part('suspended'), part('active', other))).toMatchObject(other);
    expect(published(part('active', { tier: 'tier-9' }), part('active', other))).toMatchObject(other);
  });

  test('a suspension of what the partner recognises is not hidden by what is worth nothing there', () => {
    const unrecognised = part('active', { component: 'other', tier: 'tier-9' });
    expect(published(unrecognised, part('suspended'))).toMatchObject({ tier: 'tier-1', status: 'suspended' });
  });

  test('a component for other purposes is not listed', () => {
    expect(published(part('active', { purposes: ['safety_security'] }))).toBeUndefined();
    expect(published(part('active', { purposes: [] }))).toBeUndefined();
  });

  test('a component is listed where its holder consented, and one without consent leaves room for another', () => {
    expect(published(part('active', { sharedWith: [] }))).toBeUndefined();
    expect(published(part('suspended', { sharedWith: ['a2'] }))).toBeUndefined();
    expect(published(part('active', { sharedWith: ['a2', 'a1'] }))?.status).toBe('active');
    const other = { component: 'security' };
    expect(published(part('active', { sharedWith: [] }), part('suspended', other))).toMatchObject(other);
  });

  test('a certificate past its end does not outweigh one in force', () => {
    const ended = part('active', { component: 'a', validUntil: '2026-06-01T12:00:00Z' });
    expect(published(ended, part('active', { component: 'b' }))?.component).toBe('b');
  });

  const anyPart = fc.record({
    status: fc.constantFrom<RowStatus>('active', 'suspended', 'revoked', 'expired'),
    component: fc.constantFrom('a', 'b'),
    tier: fc.constantFrom('tier-1', 'tier-2', 'tier-9'),
    validUntil: fc.constantFrom(null, '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'),
  });

  test('the order of the components decides nothing', () => {
    fc.assert(
      fc.property(
        fc
          .array(anyPart, { maxLength: 5 })
          .chain((parts) =>
            fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })),
          ),
        ([parts, shuffled]) => {
          const of = (some: typeof parts) => published(...some.map((each) => part(each.status, each)));
          expect(of(shuffled)).toEqual(of(parts));
        },
      ),
    );
  });
});

describe('identifiers that go abroad', () => {
  const identifiers = (...given: object[]) =>
    rowOf(operator({ identifiers: given.map((each) => ({ ...ours, ...open, ...each })) }), arrangement, at)
      ?.identifiers;

  test('are those of our own country that are in force, each once', () => {
    expect(
      identifiers(
        {},
        { validUntil: '2027-01-01T00:00:00Z' },
        { value: 'FOREIGN', country: 'XB' },
        { value: 'ENDED', validUntil: '2026-06-01T12:00:00Z' },
        { value: 'LATER', validFrom: '2026-06-01T12:00:01Z' },
      ),
    ).toEqual([ours]);
  });

  test('an operator without any, or with a field that no partner can use, is left out', () => {
    expect(identifiers()).toBeUndefined();
    expect(identifiers({ value: 'lower case' })).toBeUndefined();
    expect(
      rowOf(operator({ components: [part('active', { tier: 'a\0b' })] }), arrangement, at),
    ).toBeUndefined();
    expect(rowOf(operator({ components: [] }), arrangement, at)).toBeUndefined();
    expect(rowOf(operator(), arrangement, at)).toMatchObject({ operatorId: 'o1', status: 'active' });
  });
});
