import { fileURLToPath } from 'node:url';
import { outboxWriter } from '@aeo/platform/outbox';
import { exchangeStatus, topics } from '@aeo/proto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import type { Arrangement } from '../domain/arrangement/arrangement.ts';
import { digestOf, headerHash, type ListHeader, type ListRow } from '../domain/list/list.ts';
import { judgeList } from '../domain/list/verify-list.ts';
import type { Judge } from '../ports.ts';
import { postgresReceivedLists } from './received-lists.postgres.ts';

const arrangement: Arrangement = {
  id: 'a1',
  version: 1,
  live: true,
  purposes: [],
  credits: {},
  directions: [],
  transportModes: [],
  own: { administration: 'here', country: 'XA' },
  partner: { administration: 'there', country: 'XB' },
  recognisedTiers: ['tier-1'],
  removals: { rows: 5, permille: 20 },
  listValidDays: 30,
  demonstration: true,
};
const now = new Date();
const judge: Judge = (received, known) => judgeList(received, known, arrangement, now);
const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

let own: TestDatabase;
/** No relay runs here: what waits in the outbox can be looked at. */
beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  await own.database.query("INSERT INTO arrangement (arrangement_id) VALUES ('a1')");
});
afterEach(() => own.drop());

const alarms: number[] = [];
const lists = () =>
  postgresReceivedLists({
    onManySuspended: (operators) => void alarms.push(operators),
    database: own.database,
    append: outboxWriter([topics.partnerStatus, topics.exchangeHead], 'tests'),
    arrangement,
    epoch: 1n,
  });

const row = (operatorId: string, status: ListRow['status'] = 'active'): ListRow => ({
  operatorId,
  identifiers: [{ scheme: 'test-id', country: 'XB', value: operatorId.toUpperCase() }],
  tier: 'tier-1',
  component: 'compliance',
  status,
  validFrom: null,
  validUntil: null,
  decidedAt: null,
  effectiveFrom: null,
});
const many = (count: number) => Array.from({ length: count }, (_, index) => row(`p${index}`));

function signed(sequence: number, rows: ListRow[], previous?: ListHeader, issuedAt = now) {
  const header: ListHeader = {
    issuer: 'there',
    arrangement: 'a1',
    sequence,
    count: rows.length,
    digest: digestOf(rows),
    previousHash: previous ? headerHash(previous) : '',
    issuedAt: issuedAt.toISOString(),
    validUntil: new Date(now.getTime() + 86_400_000).toISOString(),
  };
  return { header, rows, signature: `signature-${sequence}`, signatureValid: true, between: [] };
}

/** What a relay does, all at once; returns what it took, in order. */
async function relayed(): Promise<string[]> {
  const { rows } = await own.database.query<{ id: bigint; value: Buffer }>(
    'DELETE FROM outbox RETURNING id, value',
  );
  return rows
    .toSorted((one, other) => Number(one.id - other.id))
    .map(({ value }) => {
      const { record } = exchangeStatus.PartnerStatus.decode(value);
      if (record?.$case === 'activated') return `activated ${record.value.sequence}`;
      return `${record?.$case} ${record?.value.partnerOperatorId}`;
    });
}

async function waitingInOutbox(): Promise<number> {
  return (await own.database.query('SELECT 1 FROM outbox')).rowCount;
}

/** Publishes to the end, relaying whatever waits, and returns it in order, round by round. */
async function publishAll(received = lists()): Promise<string[][]> {
  const rounds: string[][] = [];
  const ended = { yet: false };
  const publishing = received.activate().finally(() => (ended.yet = true));
  while (!ended.yet) {
    const round = await relayed();
    if (round.length > 0) rounds.push(round);
  }
  await publishing;
  rounds.push(await relayed());
  return rounds;
}

test('a large list goes out in chunks, suspensions first, and its activation last', async () => {
  const rows = [...many(1_000), row('zz', 'suspended')];
  expect(await lists().receive(signed(1, rows), judge, 'clerk')).toEqual({ kind: 'accepted' });
  const first = await relayed();
  expect(first).toHaveLength(400);
  expect(first[0]).toBe('suspension zz');
  const rounds = [first, ...(await publishAll())];
  for (const round of rounds) expect(round.length).toBeLessThanOrEqual(450);
  const all = rounds.flat();
  expect(all.slice(-4)).toEqual(new Array(4).fill('activated 1'));
  expect(new Set(all.slice(0, -4)).size).toBe(1_002);
  expect(all).toHaveLength(1_006);
});

test('no list is activated before the brokers have acknowledged its members', async () => {
  await lists().receive(signed(1, many(40)), judge, 'clerk');
  const publishing = lists().activate();
  const untilMoreThan = (rows: number, timeoutMs?: number) =>
    eventually(async () => expect(await waitingInOutbox()).toBeGreaterThan(rows), { timeoutMs });
  await untilMoreThan(39);
  // Long enough to activate it, were nothing waited for.
  await Promise.allSettled([untilMoreThan(40, 300)]);
  expect(await relayed()).not.toContain('activated 1');
  await eventually(async () => expect(await waitingInOutbox()).toBe(4));
  expect(await relayed()).toEqual(new Array(4).fill('activated 1'));
  await publishing;
});

test('no more goes out while the outbox is full', async () => {
  await lists().receive(signed(1, many(1_000)), judge, 'clerk');
  const stopping = new AbortController();
  const publishing = lists().activate(stopping.signal);
  // Long enough to find room, were there any.
  await expect(
    eventually(async () => expect(await waitingInOutbox()).not.toBe(400), { timeoutMs: 300 }),
  ).rejects.toThrow();
  stopping.abort();
  await expect(publishing).rejects.toMatchObject({ code: 'unavailable' });
});

test('publishing goes on where it was broken off, and no list is taken before it has ended', async () => {
  const first = signed(1, many(500));
  await lists().receive(first, judge, 'clerk');
  const second = signed(2, many(501), first.header);
  await expect(lists().receive(second, judge, 'clerk')).rejects.toMatchObject({
    code: 'conflict',
    reason: 'OUT_OF_ORDER',
  });
  // Whoever starts next knows only what the database holds.
  const all = (await publishAll()).flat();
  expect(new Set(all).size).toBe(501);
  expect(all.at(-1)).toBe('activated 1');
  expect(await lists().receive(second, judge, 'clerk')).toEqual({ kind: 'accepted' });
  expect((await publishAll()).flat()).toEqual([
    'membership p500',
    ...new Array<string>(4).fill('activated 2'),
  ]);
});

async function holdTwentyAbsences() {
  const first = signed(1, many(30));
  await lists().receive(first, judge, 'clerk');
  await publishAll();
  const second = signed(2, [row('p0', 'suspended'), ...many(10).slice(1)], first.header);
  const verdict = await lists().receive(second, judge, 'clerk');
  expect(verdict).toEqual({ kind: 'held', reason: 'REMOVALS_NEED_APPROVAL', removed: 20 });
  return second;
}
const decision = { sequence: 2, reason: 'asked them by telephone' };

test('of a list that waits, suspensions go out at once and nothing else', async () => {
  const second = await holdTwentyAbsences();
  expect((await publishAll()).flat()).toEqual(['suspension p0']);
  expect(await lists().waiting()).toMatchObject([{ sequence: 2, count: 10, removed: 20, heldBy: 'clerk' }]);
  await lists().receive(second, judge, 'another clerk');
  expect(await lists().waiting()).toMatchObject([{ heldBy: 'clerk' }]);
  expect((await publishAll()).flat()).toEqual([]);
});

test('a second person releases the list, and the next is taken after it', async () => {
  const second = await holdTwentyAbsences();
  await publishAll();
  const released = { ...decision, decision: 'released' as const };
  expect(await lists().decide({ ...released, decidedBy: 'clerk' }, judge)).toEqual({
    kind: 'objection',
    reason: 'NOT_ALLOWED',
  });
  expect(await lists().decide({ ...released, decidedBy: 'officer' }, judge)).toEqual({
    kind: 'decided',
    heldBy: 'clerk',
  });
  expect((await publishAll()).flat().toSorted().slice(0, 4)).toEqual(new Array(4).fill('activated 2'));
  expect(await lists().held()).toMatchObject({ sequence: 2, listed: 10, activated: true });
  expect(await lists().decide({ ...released, decidedBy: 'officer' }, judge)).toMatchObject({
    reason: 'OUT_OF_ORDER',
  });
  const third = signed(3, many(11), second.header);
  expect(await lists().receive(third, judge, 'clerk')).toEqual({ kind: 'accepted' });
  const { rows } = await own.database.query('SELECT decision, decided_by, reason FROM list_decision');
  expect(rows).toEqual([{ decision: 'released', decided_by: 'officer', reason: decision.reason }]);
});

test('a list a second person refuses stays out, and a better one is taken', async () => {
  const second = await holdTwentyAbsences();
  const refusal = { ...decision, decision: 'refused' as const, decidedBy: 'officer' };
  expect(await lists().decide(refusal, judge)).toMatchObject({ kind: 'decided' });
  expect(await lists().receive(second, judge, 'clerk')).toMatchObject({ reason: 'LIST_REJECTED' });
  expect(await lists().held()).toMatchObject({ sequence: 1 });
  const third = { ...signed(3, many(30), second.header), between: [second.header] };
  expect(await lists().receive(third, judge, 'clerk')).toEqual({ kind: 'accepted' });
});

test('a list that suspends very many operators at once acts, and somebody is told how many', async () => {
  alarms.length = 0;
  const first = signed(1, many(30));
  await lists().receive(first, judge, 'clerk');
  await publishAll();
  const some = signed(
    2,
    [...many(30).slice(5), ...many(5).map((each) => row(each.operatorId, 'suspended'))],
    first.header,
  );
  await lists().receive(some, judge, 'clerk');
  await publishAll();
  expect(alarms).toEqual([]);
  const most = signed(
    3,
    many(30).map((each) => row(each.operatorId, 'suspended')),
    some.header,
  );
  await lists().receive(most, judge, 'clerk');
  expect((await publishAll()).flat().filter((each) => each.startsWith('suspension'))).toHaveLength(25);
  expect(alarms).toEqual([25]);
});

test('both heads of a sequence that was signed twice are kept', async () => {
  const first = signed(1, many(3));
  await lists().receive(first, judge, 'clerk');
  await publishAll();
  const other = { ...signed(1, many(2), undefined, new Date(now.getTime() - 1_000)), signature: 'other' };
  for (let count = 0; count < 2; count += 1)
    expect(await lists().receive(other, judge, 'clerk')).toMatchObject({ reason: 'EQUIVOCATION' });
  const { rows } = await own.database.query(
    'SELECT known_header, known_signature, other_header, other_signature FROM list_equivocation',
  );
  expect(rows).toEqual([
    {
      known_header: first.header,
      known_signature: 'signature-1',
      other_header: other.header,
      other_signature: 'other',
    },
  ]);
});

const hoursLater = (hours: number) => new Date(Date.now() + hours * 3_600_000);

/** The operators that give nothing because their absence is unanswered, as a border post is told, and how many were told. */
async function unanswered(): Promise<{ told: number; marked: string[] }> {
  const { rows } = await own.database.query<{ value: Buffer }>('DELETE FROM outbox RETURNING id, value');
  const members = rows.flatMap(({ value }) => {
    const { record } = exchangeStatus.PartnerStatus.decode(value);
    return record?.$case === 'membership' ? [record.value] : [];
  });
  const marked = members.filter(({ absenceUnanswered }) => absenceUnanswered);
  return {
    told: members.length,
    marked: marked.map(({ partnerOperatorId }) => partnerOperatorId).toSorted(),
  };
}
const names = (from: number, to: number) =>
  many(to)
    .slice(from)
    .map(({ operatorId }) => operatorId)
    .toSorted();

test('absences that nobody answered for a day give nothing, until a person refuses them', async () => {
  await holdTwentyAbsences();
  await publishAll();
  expect(await lists().ageAbsences(hoursLater(23))).toBe(0);
  expect(await unanswered()).toEqual({ told: 0, marked: [] });
  expect(await lists().ageAbsences(hoursLater(25))).toBe(20);
  expect(await unanswered()).toEqual({ told: 20, marked: names(10, 30) });
  expect(await lists().ageAbsences(hoursLater(26))).toBe(0);
  const refusal = { ...decision, decision: 'refused' as const, decidedBy: 'officer' };
  expect(await lists().decide(refusal, judge)).toMatchObject({ kind: 'decided' });
  expect(await lists().ageAbsences(hoursLater(26))).toBe(20);
  expect(await unanswered()).toEqual({ told: 20, marked: [] });
});

test('whoever the partner lists again has the benefit back, and whoever is still absent has not', async () => {
  const second = await holdTwentyAbsences();
  await publishAll();
  await lists().ageAbsences(hoursLater(25));
  await unanswered();
  const third = { ...signed(3, many(12), second.header), between: [second.header] };
  expect(await lists().receive(third, judge, 'clerk')).toMatchObject({ kind: 'held' });
  expect(await lists().ageAbsences(hoursLater(25))).toBe(2);
  expect(await unanswered()).toEqual({ told: 2, marked: [] });
  const fourth = { ...signed(4, many(30), third.header), between: [second.header, third.header] };
  expect(await lists().receive(fourth, judge, 'clerk')).toEqual({ kind: 'accepted' });
  await publishAll();
  expect(await lists().ageAbsences(hoursLater(26))).toBe(18);
  expect(await unanswered()).toEqual({ told: 18, marked: [] });
});
