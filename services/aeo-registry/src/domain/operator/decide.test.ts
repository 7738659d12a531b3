import fc from 'fast-check';
import { propertyLimitMs, propertyRuns } from '../../../../../tests/setup/property-runs.ts';
import { registered, operatorStory } from '../../../../../tests/setup/registry/operator-story.ts';
import { expect, test } from 'vitest';
import { decide, type Command, type DecisionContext } from './decide.ts';
import { evolve, type Event, type Operator } from './operator.ts';
import { replayDecision } from '../application/replay-decision.ts';
import { evaluate, loadProgrammes, workingDaysOf } from '@aeo/programmes/files';
import { identifierChecker, readSchemes } from '../../adapters/identifier-schemes.ts';

const programmes = loadProgrammes('services/programmes/files');
const programme = programmes.inForce('demonstration', '2021-01-01')!;
const context: DecisionContext = {
  programmes,
  evaluate,
  workingDaysOf,
  now: '2021-01-01T00:00:00.000Z',
  checkIdentifier: identifierChecker(readSchemes('services/aeo-registry/identifier-schemes.json')),
  actor: 'first officer',
};
/** Grants are approved by somebody else. */
const askedBy = ({ type }: Command) => (type === 'ApproveDecision' ? 'second officer' : 'first officer');

function given(...commands: Command[]): {
  state: Operator | undefined;
  events: Event[];
  last: ReturnType<typeof decide> | undefined;
} {
  let state: Operator | undefined;
  const events: Event[] = [];
  let last: ReturnType<typeof decide> | undefined;
  for (const command of commands) {
    last = decide(command, state, { ...context, actor: askedBy(command) });
    for (const event of last.kind === 'accepted' ? last.events : []) {
      state = evolve(state, event);
      events.push(event);
    }
  }
  return { state, events, last };
}

const register = (sizeClass = 'large'): Command => ({
  type: 'RegisterOperator',
  profile: { name: 'A', identifiers: [], sizeClass },
});
const record = (declarations: number, findings: number): Command => ({
  type: 'RecordComplianceFacts',
  origin: 'history',
  facts: { from: null, until: null, declarations, controls: declarations, findings, criticalFindings: 0 },
});
const submit: Command = { type: 'SubmitApplication', applicationId: 'a', programmeId: programme.id };
const decideIt: Command[] = [
  { type: 'DecideApplication', applicationId: 'a', certificateId: 'c' },
  { type: 'ApproveDecision', applicationId: 'a', certificateId: 'c' },
];
const suspend: Command = {
  type: 'SuspendCertificate',
  certificateId: 'c',
  reason: 'debt',
  effectiveFrom: null,
};
const reinstate: Command = { type: 'ReinstateCertificate', certificateId: 'c', reason: 'paid' };
const revoke: Command = { type: 'RevokeCertificate', certificateId: 'c', reason: 'fraud' };

test.each([
  ['large', 24, 0, 'tier-1'],
  ['large', 25, 0, 'tier-2'],
  ['large', 25, 5, 'tier-2'],
  ['large', 25, 6, undefined],
  ['large', 10, 2, 'tier-1'],
  ['large', 10, 3, undefined],
  ['large', 9, 0, undefined],
  ['small', 9, 0, 'tier-1'],
  ['small', 5, 1, 'tier-1'],
  ['small', 5, 2, undefined],
  ['small', 4, 0, undefined],
])('a %s firm with %i declarations and %i findings gets %s', (size, declarations, findings, tier) => {
  const { state } = given(register(size), record(declarations, findings), submit, ...decideIt);
  expect(state?.certificates['c']?.tier).toBe(tier);
});

test('without facts every criterion is unknown and nothing is granted', () => {
  const { events } = given(register(), submit, ...decideIt);
  expect(events.at(-1)).toMatchObject({ type: 'ApplicationRefused' });
  const results = (events.at(-1) as Event & { type: 'ApplicationRefused' }).results;
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']));
});

test('a refusal says which criterion of which tier, on which facts', () => {
  const { events } = given(register(), record(9, 0), submit, ...decideIt);
  expect((events.at(-1) as Event & { type: 'ApplicationRefused' }).results).toContainEqual({
    criterionId: 'some-declarations',
    tier: 'tier-1',
    outcome: 'not_met',
    factsRead: ['declarations'],
    text: 'At least 10 declarations in the period.',
  });
});

test('a repeated command changes nothing, one with other content is refused', () => {
  expect(given(register(), register()).events).toHaveLength(1);
  expect(given(register('large'), register('small')).last).toEqual({ kind: 'refused', reason: 'KEY_REUSED' });
  expect(
    given(register(), record(30, 0), record(30, 0), submit, submit, ...decideIt, ...decideIt).events.map(
      ({ type }) => type,
    ),
  ).toEqual([
    'OperatorRegistered',
    'ComplianceFactsRecorded',
    'ApplicationSubmitted',
    'GrantProposed',
    'StepTaken',
    'ApplicationGranted',
    'CertificateGranted',
  ]);
});

test('a certificate is suspended, reinstated and revoked in order only', () => {
  const granted = [register(), record(30, 0), submit, ...decideIt];
  expect(given(...granted, suspend).state?.certificates['c']?.status).toBe('suspended');
  expect(given(...granted, suspend, suspend).last).toEqual({ kind: 'refused', reason: 'OUT_OF_ORDER' });
  expect(given(...granted, reinstate).last).toEqual({ kind: 'refused', reason: 'OUT_OF_ORDER' });
  expect(given(...granted, suspend, reinstate).state?.certificates['c']?.status).toBe('active');
  expect(given(...granted, revoke, reinstate).last).toEqual({ kind: 'refused', reason: 'OUT_OF_ORDER' });
  expect(given(register(), suspend).last).toEqual({ kind: 'refused', reason: 'NOT_FOUND' });
});

test.each([
  ['granted', 30, 'ApplicationGranted'],
  ['refused', 9, 'ApplicationRefused'],
] as const)(
  'what was %s is decided the same a year later, byte for byte, from what was stored',
  (_, count, type) => {
    const { events } = given(register(), record(count, 0), submit, ...decideIt);
    const stored = JSON.stringify(events.find((event) => event.type === type));
    const event = JSON.parse(stored) as Event & { type: 'ApplicationGranted' | 'ApplicationRefused' };
    expect(JSON.stringify(replayDecision(event.decidedOn!, context))).toBe(JSON.stringify(event.results));
    const gone = { ...event.decidedOn!, programmeVersion: 1 };
    expect(() => replayDecision(gone, context)).toThrow('version 1 of demonstration is not there any more');
  },
);

const again: Command = { type: 'SubmitApplication', applicationId: 'a2', programmeId: programme.id };
const decideAgain: Command = { type: 'DecideApplication', applicationId: 'a2', certificateId: 'c2' };
const approveAgain: Command = { type: 'ApproveDecision', applicationId: 'a2', certificateId: 'c2' };

test('a new application does not replace a suspended certificate', () => {
  const granted = [register(), record(30, 0), submit, ...decideIt];
  const exists = { kind: 'refused', reason: 'CERTIFICATE_EXISTS' };
  expect(given(...granted, again).last).toEqual(exists);
  expect(given(...granted, suspend, again).last).toEqual(exists);
  const both = [register(), record(30, 0), submit, again, ...decideIt, suspend];
  expect(given(...both, decideAgain).last).toEqual(exists);
  expect(Object.keys(given(...both, decideAgain).state?.certificates ?? {})).toEqual(['c']);
});

test('an application after a revocation is refused until the bar of the programme ends', () => {
  const barred = { kind: 'refused', reason: 'REAPPLICATION_BARRED' };
  const { state } = given(register(), record(30, 0), submit, again, ...decideIt, revoke);
  const lateMs = Date.parse('2024-01-01T00:00:00.000Z');
  const at = (ms: number) => ({ ...context, now: new Date(ms).toISOString() });
  const third: Command = { ...again, applicationId: 'a3' };
  expect(decide(third, state, at(lateMs - 1))).toEqual(barred);
  expect(decide(decideAgain, state, at(lateMs - 1))).toEqual(barred);
  expect(decide(third, state, at(lateMs))).toMatchObject({ events: [{ type: 'ApplicationSubmitted' }] });
  expect(decide(decideAgain, state, at(lateMs))).toMatchObject({ events: [{ type: 'GrantProposed' }] });
});

test('a suspension with a past date takes effect now', () => {
  const early: Command = { ...suspend, effectiveFrom: '2020-01-01T00:00:00.000Z' };
  const { state } = given(register(), record(30, 0), submit, ...decideIt, early);
  expect(state?.certificates['c']?.effectiveFrom).toBe(context.now);
});

test(
  'whatever the order of commands, there is one certificate at most, a revoked one stays revoked and the events tell the whole state',
  () => {
    const commands = fc.array(
      fc.constantFrom(
        register(),
        record(30, 0),
        record(3, 0),
        submit,
        ...decideIt,
        suspend,
        reinstate,
        revoke,
        again,
        decideAgain,
        approveAgain,
      ),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(commands, fc.boolean(), (sequence, begun) => {
        const before = begun ? [register(), record(30, 0), submit, again] : [];
        const { state, events } = given(...before, ...sequence);
        const folded = events.reduce<Operator | undefined>(evolve, undefined);
        expect(folded).toEqual(state);
        expect(Object.keys(state?.certificates ?? {}).length).toBeLessThanOrEqual(1);
        const revokedAt = events.findIndex(({ type }) => type === 'CertificateRevoked');
        if (revokedAt < 0) return;
        expect(events.slice(revokedAt + 1).some(({ type }) => type.startsWith('Certificate'))).toBe(false);
      }),
      { numRuns: propertyRuns },
    );
  },
  propertyLimitMs,
);

test('an identifier that fails the rule of its scheme is refused, and one without a rule is registered', () => {
  const registering = (scheme: string, country: string, value: string) => {
    const claim = { identifier: { scheme, country, value }, validFrom: null, validUntil: null };
    const profile = { name: 'A', identifiers: [claim], sizeClass: 'small' };
    const decision = decide({ type: 'RegisterOperator', profile }, undefined, context);
    return decision.kind === 'refused' ? `${decision.reason} ${decision.path}` : 'registered';
  };
  const path = 'identifiers[0].identifier';
  expect(registering('abn', 'AU', '51824753557')).toBe(`IDENTIFIER_CHECKSUM ${path}`);
  expect(registering('abn', 'AU', '5182475355')).toBe(`IDENTIFIER_FORMAT ${path}`);
  expect(registering('abn', 'AU', '51824753556')).toBe('registered');
  expect(registering('national-trader-id', 'XA', 'ABC')).toBe('registered');
});

test('an identifier that has ended stays ended, and one whose end is known ends no later', () => {
  const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'A1' };
  const ending = (validUntil: string | null): Command => ({ type: 'EndIdentifier', identifier, validUntil });
  const story = operatorStory('2026-03-02T09:00:00.000Z').send(registered, {
    type: 'ClaimIdentifier',
    claim: { identifier, validFrom: null, validUntil: null },
  });
  const end = () => story.state().profile.identifiers.at(-1)?.validUntil;
  story.send(ending('2026-06-01T00:00:00.000Z'));
  expect(story.send(ending('2026-07-01T00:00:00.000Z')).refusal()).toBe('FIELD_RANGE validUntil');
  story.send(ending('2026-05-01T00:00:00.000Z'));
  expect(end()).toBe('2026-05-01T00:00:00.000Z');
  story.on('2026-09-02T09:00:00.000Z').send(ending(null), ending('2030-01-01T00:00:00.000Z'));
  expect(story.refusal()).toBeUndefined();
  expect(end()).toBe('2026-05-01T00:00:00.000Z');
});
