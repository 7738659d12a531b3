import { readFileSync } from 'node:fs';
import { outboxWriter } from '@aeo/platform/outbox';
import { registryStatus, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/setup/stack/database.ts';
import { eventually } from '../../../../tests/setup/eventually.ts';
import { evolve, type Event, type Operator } from '../domain/operator/operator.ts';
import type { OperatorTransaction } from '../ports.ts';
import { postgresOperatorStore } from './operator-store.postgres.ts';
import { loadProgrammes } from '@aeo/programmes/files';

const programmes = loadProgrammes('services/programmes/files');

let own: TestDatabase;
let store: ReturnType<typeof postgresOperatorStore>;

beforeAll(async () => {
  own = await createTestDatabase(inject('stack').postgresUrl, 'services/aeo-registry/migrations');
  store = postgresOperatorStore(own.database, outboxWriter([topics.operatorStatus], 'aeo-registry'), 1n, {
    nextDeadline: () => null,
    programmes,
  });
});
afterAll(() => own.drop());

const at = '2026-01-01T00:00:00.000Z';
const authored = (events: readonly Event[]) => events.map((event) => ({ event, actor: 'a person' }));
const granted = (component: string): Event => ({
  type: 'CertificateGranted',
  at,
  applicationId: `application-${component}`,
  results: [],
  granted: {
    certificateId: component,
    programmeId: 'p',
    programmeVersion: 1,
    component,
    purposes: [],
    tier: 't',
    credits: {},
  },
});
const suspended = (certificateId: string): Event => ({
  type: 'CertificateSuspended',
  at,
  certificateId,
  reason: 'why',
  effectiveFrom: at,
});

const save = ({ operator, save: store }: OperatorTransaction, events: Event[]) =>
  store(events.reduce<Operator | undefined>(evolve, operator.state)!, authored(events), 'officer');

async function withTwoCertificates(operatorId: string): Promise<void> {
  const profile = { name: 'A', identifiers: [], sizeClass: 'small' };
  const registered: Event = { type: 'OperatorRegistered', at, profile };
  await store.withOperator(operatorId, (unit) => save(unit, [registered, granted('one'), granted('two')]));
}

/** Suspends a certificate, and pauses between reading the operator and storing it. */
function suspending(operatorId: string, certificateId: string) {
  const hasRead = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const version = store.withOperator(operatorId, async (unit) => {
    hasRead.resolve();
    await goOn.promise;
    return save(unit, [suspended(certificateId)]);
  });
  return { version, hasRead: hasRead.promise, goOn: () => goOn.resolve() };
}

const waitingForLocks = async () => {
  const { rows } = await own.database.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
};

test('two commands on one operator at the same instant are both kept, and versions rise by one', async () => {
  await withTwoCertificates('o-1');
  const first = suspending('o-1', 'one');
  await first.hasRead;
  const second = suspending('o-1', 'two');
  // Either the second waits for the first, or it has read what the first is about to change.
  await Promise.race([second.hasRead, eventually(async () => expect(await waitingForLocks()).toBe(1))]);
  second.goOn();
  first.goOn();
  expect(await Promise.all([first.version, second.version])).toEqual([2n, 3n]);
  const found = await store.findOperator('o-1');
  const statuses = Object.values(found?.state?.certificates ?? {}).map(({ status }) => status);
  expect(statuses).toEqual(['suspended', 'suspended']);
  const { rows } = await own.database.query<{ value: Buffer }>(
    "SELECT value FROM outbox WHERE key = 'o-1' ORDER BY id",
  );
  const published = rows.map(({ value }) => registryStatus.OperatorStatus.decode(value));
  expect(published.map(({ version }) => version?.number)).toEqual([1n, 2n, 3n]);
});

test('commands on two operators do not wait for each other', async () => {
  await withTwoCertificates('o-2');
  await withTwoCertificates('o-3');
  const first = suspending('o-2', 'one');
  await first.hasRead;
  const second = suspending('o-3', 'one');
  second.goOn();
  expect(await second.version).toBe(2n);
  first.goOn();
  expect(await first.version).toBe(2n);
});

test('the time of a command is later than its wait for the operator', async () => {
  await withTwoCertificates('o-4');
  const first = suspending('o-4', 'one');
  await first.hasRead;
  const second = store.withOperator('o-4', (unit) => Promise.resolve(unit.now));
  await eventually(async () => expect(await waitingForLocks()).toBe(1));
  const before = await store.databaseNow();
  first.goOn();
  expect((await second).getTime()).toBeGreaterThanOrEqual(before.getTime());
});

test('a transaction that fails after saving neither stores nor publishes', async () => {
  await withTwoCertificates('o-5');
  const failing = store.withOperator('o-5', async (unit) => {
    await save(unit, [suspended('one')]);
    throw new Error('after the save');
  });
  await expect(failing).rejects.toThrow('after the save');
  const { rows } = await own.database.query("SELECT 1 FROM outbox WHERE key = 'o-5'");
  expect(rows).toHaveLength(1);
  expect((await store.findOperator('o-5'))?.version).toBe(1n);
});

test('a consent given or withdrawn publishes the sharing of the status in the same commit', async () => {
  const { ALL, NAMED, NOBODY } = registryStatus.Sharing;
  const profile = { name: 'A', identifiers: [], sizeClass: 'small' };
  const held = (programmeId: string, tier: string): Event => {
    const event = granted(programmeId);
    if (event.type !== 'CertificateGranted') throw new Error('no grant');
    return {
      ...event,
      granted: { ...event.granted, programmeId, programmeVersion: 1, tier, certificateId: programmeId },
    };
  };
  const consent = (programmeId: string, arrangement: string, given: boolean): Event => ({
    type: 'ConsentRecorded',
    at,
    programmeId,
    consentId: 'mutual-recognition',
    arrangement,
    given,
  });
  const told = async (...events: Event[]) => {
    await store.withOperator('o-6', (unit) => save(unit, events));
    const { rows } = await own.database.query<{ value: Buffer }>(
      "SELECT value FROM outbox WHERE key = 'o-6' ORDER BY id DESC LIMIT 1",
    );
    const { components } = registryStatus.OperatorStatus.decode(rows[0]!.value);
    return components.map(({ sharing, sharedWith }) => [sharing, ...sharedWith]);
  };
  const registered: Event = { type: 'OperatorRegistered', at, profile };
  expect(await told(registered, held('eu-aeo', 'AEOS'), held('kr-aeo', 'grade-aa'))).toEqual([
    [NOBODY],
    [NOBODY],
  ]);
  expect(await told(consent('eu-aeo', '', true))).toEqual([[ALL], [NOBODY]]);
  expect(await told(consent('kr-aeo', 'one', true))).toEqual([[ALL], [NAMED, 'one']]);
  expect(await told(consent('eu-aeo', '', false))).toEqual([[NOBODY], [NAMED, 'one']]);
  expect(await told(consent('kr-aeo', 'one', false))).toEqual([[NOBODY], [NOBODY]]);
});

const begun = (applicationId: string): Event => ({
  type: 'DraftStarted',
  at,
  applicationId,
  programmeId: 'p',
  by: 'a person',
  tiers: [],
  roles: [],
  designatedFor: [],
  renewal: false,
});
const withdrawn = (applicationId: string): Event => ({
  type: 'ApplicationWithdrawn',
  at,
  applicationId,
  reason: 'why',
});

type Files = Parameters<typeof store.listApplications>[0];

/** A list from its first page to its last, one entry each. */
async function allFiles(filter: Files): Promise<string[]> {
  const found: string[] = [];
  for (let after = { operatorId: '', applicationId: '' }; ;) {
    const [next] = await store.listApplications(filter, after, 1);
    if (next === undefined) return found;
    after = next;
    found.push(`${next.operatorId}/${next.applicationId} ${next.application.status}`);
  }
}

async function allCertificates(): Promise<string[]> {
  const found: string[] = [];
  for (let after = { certificateId: '', operatorId: '' }; ;) {
    const [next] = await store.listCertificates(after, 1);
    if (next === undefined) return found;
    after = { certificateId: next.certificate.certificateId, operatorId: next.operatorId };
    found.push(`${after.certificateId}/${after.operatorId}`);
  }
}

test('lists have each application and certificate once, in its present state, also where two firms use the same ids', async () => {
  await withTwoCertificates('listed-1');
  await withTwoCertificates('listed-2');
  for (const operatorId of ['listed-1', 'listed-2'])
    await store.withOperator(operatorId, (unit) => save(unit, [begun('a'), begun('b')]));
  await store.withOperator('listed-2', (unit) => save(unit, [withdrawn('a')]));
  const drafts = ['listed-1/a draft', 'listed-1/b draft', 'listed-2/b draft'];
  expect(await allFiles({ status: 'draft', programmeId: 'p' })).toEqual(drafts);
  expect(await allFiles({ status: 'withdrawn' })).toEqual(['listed-2/a withdrawn']);
  expect(await allFiles({ operatorId: 'listed-1', status: 'draft' })).toEqual(drafts.slice(0, 2));
  expect(await allFiles({ programmeId: 'another' })).toEqual([]);
  const certificates = (await allCertificates()).filter((each) => each.includes('listed'));
  expect(certificates).toEqual(['one/listed-1', 'one/listed-2', 'two/listed-1', 'two/listed-2']);
});

test('a migrated registry gets complete lists', async () => {
  const before = [await allFiles({}), await allCertificates()];
  expect(before.map(({ length }) => length > 3)).toEqual([true, true]);
  await own.database.query('TRUNCATE application_listed, certificate_listed');
  const migration = readFileSync('services/aeo-registry/migrations/0010_listed.sql', 'utf8');
  const filling = migration.split(';').filter((statement) => statement.includes('INSERT INTO'));
  expect(filling).toHaveLength(2);
  for (const statement of filling) await own.database.query(statement);
  expect([await allFiles({}), await allCertificates()]).toEqual(before);
});
