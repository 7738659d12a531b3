import { fileURLToPath } from 'node:url';
import { outboxWriter } from '@aeo/platform/outbox';
import { exchangeStatus, topics } from '@aeo/proto';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { arrangementOf, listRow } from '../../../../../tests/setup/partner-list.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../../tests/setup/eventually.ts';
import { digestOf, headerHash, type ListHeader, type ListRow } from '../../domain/list/list.ts';
import { withArrangementIn } from '../../adapters/arrangement-transaction.postgres.ts';
import { postgresOutboxBacklog } from '../../adapters/outbox-backlog.postgres.ts';
import { postgresReceivedLists } from '../../adapters/received-lists.postgres.ts';
import type { ApprovalDecision, SignedReceivedList } from '../../ports.ts';
import { publishOwed } from '../publication/publish-owed.ts';
import { ageAbsences } from './age-absences.ts';
import { decideList } from './decide-list.ts';
import { receiveList } from './receive-list.ts';

const arrangement = arrangementOf();
const now = new Date();
const migrations = fileURLToPath(new URL('../../../migrations', import.meta.url));

let own: TestDatabase;
/** No relay runs here: what waits in the outbox can be looked at. */
beforeEach(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, migrations);
  await own.database.query("INSERT INTO arrangement (arrangement_id) VALUES ('a1')");
});
afterEach(() => own.drop());

const alarms: number[] = [];
/** The use cases on a database that is read anew each time, as by a process that has just started. */
function lists() {
  const { database } = own;
  const append = outboxWriter([topics.partnerStatus, topics.exchangeHead], 'tests');
  const ports = {
    arrangement,
    epoch: 1n,
    withArrangement: withArrangementIn(database, append),
    outbox: postgresOutboxBacklog(database),
    onManySuspended: (operators: number) => void alarms.push(operators),
    now: () => now,
  };
  return {
    ...postgresReceivedLists(database, arrangement.id),
    receive: (list: SignedReceivedList, actor: string) => receiveList(ports, list, actor),
    decide: (decision: ApprovalDecision) => decideList(ports, decision),
    ageAbsences: (at: Date) => ageAbsences(ports, at),
    publishOwed: (signal?: AbortSignal) => publishOwed(ports, signal),
  };
}

const row = (operatorId: string, status: ListRow['status'] = 'active') => listRow(operatorId, { status });
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
  return { header, rows, signature: `signature-${sequence}`, signatureValid: true, headersBetween: [] };
}

/** Empties the outbox as a relay does; returns what it held, in order. */
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

/** Publishes to the end, emptying the outbox meanwhile, and returns what it held in order, round by round. */
async function publishAll(received = lists()): Promise<string[][]> {
  const rounds: string[][] = [];
  const ended = { yet: false };
  const publishing = received.publishOwed().finally(() => (ended.yet = true));
  while (!ended.yet) {
    const round = await relayed();
    if (round.length > 0) rounds.push(round);
  }
  await publishing;
  rounds.push(await relayed());
  return rounds;
}

test('a large list is published in chunks, suspensions first and its activation last', async () => {
  const rows = [...many(1_000), row('zz', 'suspended')];
  expect(await lists().receive(signed(1, rows), 'clerk')).toEqual({ kind: 'accepted' });
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
  await lists().receive(signed(1, many(40)), 'clerk');
  const publishing = lists().publishOwed();
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

test('publication waits while the outbox is full', async () => {
  await lists().receive(signed(1, many(1_000)), 'clerk');
  const stopping = new AbortController();
  const publishing = lists().publishOwed(stopping.signal);
  // Long enough to find room, were there any.
  await expect(
    eventually(async () => expect(await waitingInOutbox()).not.toBe(400), { timeoutMs: 300 }),
  ).rejects.toThrow();
  stopping.abort();
  await expect(publishing).rejects.toMatchObject({ code: 'unavailable' });
});

test('publication resumes where it stopped, and no list is accepted before it has ended', async () => {
  const first = signed(1, many(500));
  await lists().receive(first, 'clerk');
  const second = signed(2, many(501), first.header);
  await expect(lists().receive(second, 'clerk')).rejects.toMatchObject({
    code: 'conflict',
    reason: 'OUT_OF_ORDER',
  });
  // The process that starts next knows only what the database holds.
  const all = (await publishAll()).flat();
  expect(new Set(all).size).toBe(501);
  expect(all.at(-1)).toBe('activated 1');
  expect(await lists().receive(second, 'clerk')).toEqual({ kind: 'accepted' });
  expect((await publishAll()).flat()).toEqual([
    'membership p500',
    ...new Array<string>(4).fill('activated 2'),
  ]);
});

async function keepTwentyAbsencesWaiting() {
  const first = signed(1, many(30));
  await lists().receive(first, 'clerk');
  await publishAll();
  const second = signed(2, [row('p0', 'suspended'), ...many(10).slice(1)], first.header);
  const verdict = await lists().receive(second, 'clerk');
  expect(verdict).toEqual({ kind: 'awaiting_approval', reason: 'REMOVALS_NEED_APPROVAL', removed: 20 });
  return second;
}
const decision = { sequence: 2, reason: 'asked them by telephone' };

test('a list that waits publishes its suspensions at once and nothing else', async () => {
  const second = await keepTwentyAbsencesWaiting();
  expect((await publishAll()).flat()).toEqual(['suspension p0']);
  expect(await lists().listAwaitingApproval()).toMatchObject([
    { sequence: 2, count: 10, removed: 20, pulledBy: 'clerk' },
  ]);
  await lists().receive(second, 'another clerk');
  expect(await lists().listAwaitingApproval()).toMatchObject([{ pulledBy: 'clerk' }]);
  expect((await publishAll()).flat()).toEqual([]);
});

test('a second person releases the list, and the next is accepted after it', async () => {
  const second = await keepTwentyAbsencesWaiting();
  await publishAll();
  const released = { ...decision, decision: 'released' as const };
  expect(await lists().decide({ ...released, decidedBy: 'clerk' })).toEqual({
    kind: 'objection',
    reason: 'NOT_ALLOWED',
  });
  expect(await lists().decide({ ...released, decidedBy: 'officer' })).toEqual({
    kind: 'decided',
    pulledBy: 'clerk',
  });
  expect((await publishAll()).flat().toSorted().slice(0, 4)).toEqual(new Array(4).fill('activated 2'));
  expect(await lists().findLastAccepted()).toMatchObject({ sequence: 2, listed: 10, activated: true });
  expect(await lists().decide({ ...released, decidedBy: 'officer' })).toMatchObject({
    reason: 'OUT_OF_ORDER',
  });
  const third = signed(3, many(11), second.header);
  expect(await lists().receive(third, 'clerk')).toEqual({ kind: 'accepted' });
  const { rows } = await own.database.query('SELECT decision, decided_by, reason FROM list_decision');
  expect(rows).toEqual([{ decision: 'released', decided_by: 'officer', reason: decision.reason }]);
});

test('a list that a second person refuses stays refused, and a better one is accepted', async () => {
  const second = await keepTwentyAbsencesWaiting();
  const refusal = { ...decision, decision: 'refused' as const, decidedBy: 'officer' };
  expect(await lists().decide(refusal)).toMatchObject({ kind: 'decided' });
  expect(await lists().receive(second, 'clerk')).toMatchObject({ reason: 'LIST_REJECTED' });
  expect(await lists().findLastAccepted()).toMatchObject({ sequence: 1 });
  const third = { ...signed(3, many(30), second.header), headersBetween: [second.header] };
  expect(await lists().receive(third, 'clerk')).toEqual({ kind: 'accepted' });
});

test('a list that suspends very many operators at once acts, and their number is reported', async () => {
  alarms.length = 0;
  const first = signed(1, many(30));
  await lists().receive(first, 'clerk');
  await publishAll();
  const some = signed(
    2,
    [...many(30).slice(5), ...many(5).map((each) => row(each.operatorId, 'suspended'))],
    first.header,
  );
  await lists().receive(some, 'clerk');
  await publishAll();
  expect(alarms).toEqual([]);
  const most = signed(
    3,
    many(30).map((each) => row(each.operatorId, 'suspended')),
    some.header,
  );
  await lists().receive(most, 'clerk');
  expect((await publishAll()).flat().filter((each) => each.startsWith('suspension'))).toHaveLength(25);
  expect(alarms).toEqual([25]);
});

test('both headers of a sequence that was signed twice are kept', async () => {
  const first = signed(1, many(3));
  await lists().receive(first, 'clerk');
  await publishAll();
  const other = { ...signed(1, many(2), undefined, new Date(now.getTime() - 1_000)), signature: 'other' };
  for (let count = 0; count < 2; count += 1)
    expect(await lists().receive(other, 'clerk')).toMatchObject({ reason: 'EQUIVOCATION' });
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

/** The operators published as having an unanswered absence, and how many memberships were published. */
async function unanswered(): Promise<{ published: number; marked: string[] }> {
  const { rows } = await own.database.query<{ value: Buffer }>('DELETE FROM outbox RETURNING id, value');
  const members = rows.flatMap(({ value }) => {
    const { record } = exchangeStatus.PartnerStatus.decode(value);
    return record?.$case === 'membership' ? [record.value] : [];
  });
  const marked = members.filter(({ absenceUnanswered }) => absenceUnanswered);
  return {
    published: members.length,
    marked: marked.map(({ partnerOperatorId }) => partnerOperatorId).toSorted(),
  };
}
const names = (from: number, to: number) =>
  many(to)
    .slice(from)
    .map(({ operatorId }) => operatorId)
    .toSorted();

test('absences unanswered for a day end the benefit, until a person refuses them', async () => {
  await keepTwentyAbsencesWaiting();
  await publishAll();
  expect(await lists().ageAbsences(hoursLater(23))).toBe(0);
  expect(await unanswered()).toEqual({ published: 0, marked: [] });
  expect(await lists().ageAbsences(hoursLater(25))).toBe(20);
  expect(await unanswered()).toEqual({ published: 20, marked: names(10, 30) });
  expect(await lists().ageAbsences(hoursLater(26))).toBe(0);
  const refusal = { ...decision, decision: 'refused' as const, decidedBy: 'officer' };
  expect(await lists().decide(refusal)).toMatchObject({ kind: 'decided' });
  expect(await lists().ageAbsences(hoursLater(26))).toBe(20);
  expect(await unanswered()).toEqual({ published: 20, marked: [] });
});

test('an operator that the partner lists again has the benefit back, and one still absent has not', async () => {
  const second = await keepTwentyAbsencesWaiting();
  await publishAll();
  await lists().ageAbsences(hoursLater(25));
  await unanswered();
  const third = { ...signed(3, many(12), second.header), headersBetween: [second.header] };
  expect(await lists().receive(third, 'clerk')).toMatchObject({ kind: 'awaiting_approval' });
  expect(await lists().ageAbsences(hoursLater(25))).toBe(2);
  expect(await unanswered()).toEqual({ published: 2, marked: [] });
  const fourth = { ...signed(4, many(30), third.header), headersBetween: [second.header, third.header] };
  expect(await lists().receive(fourth, 'clerk')).toEqual({ kind: 'accepted' });
  await publishAll();
  expect(await lists().ageAbsences(hoursLater(26))).toBe(18);
  expect(await unanswered()).toEqual({ published: 18, marked: [] });
});
