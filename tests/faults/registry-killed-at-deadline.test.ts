import { randomUUID } from 'node:crypto';
import { common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { scaled, testLimitMs } from '../setup/faults/fault-plan.ts';
import {
  certificateWithTerm,
  waitingForAcceptance,
  waitingForApplicant,
  type ApplicationCommand,
  type Applicant,
} from '../setup/registry/application-commands.ts';
import {
  expectInOrder,
  expectConsistent,
  publishedStatuses,
  readOperatorRecord,
} from '../setup/registry/operator-records.ts';
import {
  startRegistryProcesses,
  type RegistryProcess,
  type RegistryProcesses,
} from '../setup/registry/registry-processes.ts';
import type { Moment } from '../setup/faults/transaction-holds.ts';

const dayMs = 86_400_000;

let registries: RegistryProcesses;
let registry: RegistryProcess;

beforeAll(async () => {
  registries = await startRegistryProcesses(inject('stack'));
  registry = await registries.start('one');
});
afterAll(() => registries.stop());

const recorded = (operatorId: string) => readOperatorRecord(registries.database, operatorId);

/** Something that has to happen at a time, and has not. */
type Deadline = { operatorId: string; at: string };

/** Walks a path whose end leaves one deadline running. */
async function startDeadline(path: readonly ApplicationCommand[]): Promise<Deadline> {
  const walker: Applicant = { operatorId: randomUUID(), certificateId: '' };
  const { operatorId } = walker;
  for (const [index, command] of path.entries())
    await command.execute(registry, walker, `${operatorId}/${index}`);
  const { nextDeadlineAt: lookAt } = await recorded(operatorId);
  return { operatorId, at: lookAt! };
}

async function moveClockBy(ms: number): Promise<void> {
  await registries.moveClockTo(new Date((await registries.now()).getTime() + ms));
}

/** Everything whose time has come has acted, and notes no time that has come. */
async function expectNothingDue(): Promise<void> {
  await eventually(async () => {
    const { rows } = await registries.database.query(
      'SELECT operator_id FROM operator WHERE look_at <= moved.clock_timestamp()',
    );
    expect(rows).toEqual([]);
  });
}

/** What the clock did, by type, with the day or instant the deadline was for. */
async function actsOn({ operatorId }: Deadline): Promise<string[]> {
  const record = await recorded(operatorId);
  expectConsistent(record, await registries.now());
  return record.events.flatMap((event) => {
    if (event.type === 'ClockExpired') return [`${event.action} of ${event.dueOn}`];
    if (event.type === 'CertificateExpired') return [`expired at ${event.effectiveFrom}`];
    return [];
  });
}

/** The last day of a deadline whose time is over at an instant; whole days by the clocks of its authority. */
const lastDayOf = ({ at }: Deadline) => new Date(Date.parse(at) - 12 * 3_600_000).toISOString().slice(0, 10);

const minuteMs = 60_000;
/** A minute before its time. */
const minuteBefore = ({ at }: Deadline) => new Date(Date.parse(at) - minuteMs);

/** Nobody looks while the clock moves on to a time. */
async function downUntil(time: Date, all: readonly Deadline[]): Promise<void> {
  const before = await Promise.all(all.map(({ operatorId }) => recorded(operatorId)));
  await registry.kill();
  await registries.moveClockTo(time);
  expect(await Promise.all(all.map(({ operatorId }) => recorded(operatorId)))).toEqual(before);
  await registry.restart();
  await expectNothingDue();
}

test(
  'a deadline that passes while no registry runs acts once after the restart, for its own day',
  async () => {
    const ways = [[waitingForAcceptance], [waitingForApplicant], certificateWithTerm];
    const today = await Promise.all(ways.map(startDeadline));
    await moveClockBy(dayMs);
    const tomorrow = await Promise.all(ways.map(startDeadline));
    const [acceptance, applicant, term] = today as [Deadline, Deadline, Deadline];
    const [nextAcceptance, nextApplicant, nextTerm] = tomorrow as [Deadline, Deadline, Deadline];
    const all = [...today, ...tomorrow];
    const acts = async () => Promise.all(all.map(actsOn));
    const escalated = [`escalate of ${lastDayOf(acceptance)}`];
    const nextEscalated = [`escalate of ${lastDayOf(nextAcceptance)}`];
    const late = [`escalate of ${lastDayOf(applicant)}`];
    const nextLate = [`escalate of ${lastDayOf(nextApplicant)}`];
    await downUntil(minuteBefore(nextAcceptance), all);
    expect(await acts()).toEqual([escalated, [], [], [], [], []]);
    await downUntil(minuteBefore(nextApplicant), all);
    expect(await acts()).toEqual([escalated, late, [], nextEscalated, [], []]);
    await downUntil(minuteBefore(nextTerm), all);
    const expired = [`expired at ${term.at}`];
    expect(await acts()).toEqual([escalated, late, expired, nextEscalated, nextLate, []]);
    await registries.moveClockTo(new Date(nextTerm.at));
    await expectNothingDue();
    const nextExpired = [`expired at ${nextTerm.at}`];
    expect(await acts()).toEqual([escalated, late, expired, nextEscalated, nextLate, nextExpired]);
    await expectPublished(all, [term, nextTerm]);
  },
  testLimitMs(120_000),
);

/** Every status was published in order, and the last status of an expired certificate is its expiry. */
async function expectPublished(all: readonly Deadline[], expired: readonly Deadline[]): Promise<void> {
  const sources = { administrations: [registries.source], transcripts: [], boundMs: 2_000 };
  const { checked } = await expectSound({ ...sources, at: await registries.now() });
  for (const invariant of ['I3', 'I5', 'I6', 'I10'] as const)
    expect([invariant, checked[invariant] > 0]).toEqual([invariant, true]);
  const statuses = await publishedStatuses(registries);
  for (const { operatorId } of all)
    expectInOrder(statuses.get(operatorId) ?? [], (await recorded(operatorId)).version);
  for (const { operatorId } of expired)
    expect(statuses.get(operatorId)?.at(-1)?.components).toMatchObject([
      { status: common.CertificateStatus.EXPIRED },
    ]);
}

const moments = (
  [
    'holding the row lock',
    'before the commit',
    'after the commit',
    'before its first read',
    'after its first write',
  ] satisfies Moment[]
).slice(0, scaled(3, 5));

/** Two deadlines of the same day. */
type Pair = [struck: Deadline, other: Deadline];

/** The first registry to reach a moment of the act on a deadline is killed there; the other one continues. */
async function killFirst(
  both: readonly RegistryProcess[],
  { operatorId, at }: Deadline,
  moment: Moment,
): Promise<RegistryProcess> {
  const holds = both.map((each) => ({ each, hold: each.holdNext(operatorId, moment) }));
  await registries.moveClockTo(new Date(at));
  const first = await Promise.race(holds.map(({ each, hold }) => hold.reached.then(() => each)));
  await first.kill();
  for (const { each, hold } of holds) {
    if (each === first) hold.drop();
    else hold.release();
  }
  return first;
}

test(
  'a deadline acts once when one of two registries is killed at any moment of the action',
  async () => {
    const both = [registry, await registries.start('other')];
    const pairs: Pair[] = [];
    for (let count = 0; count <= moments.length; count += 1) {
      pairs.push((await Promise.all([0, 1].map(() => startDeadline([waitingForAcceptance])))) as Pair);
      await moveClockBy(dayMs);
    }
    const all = pairs.flat();
    const expectActed = async (days: number) => {
      const wanted = all.map((each, index) => (index < 2 * days ? [`escalate of ${lastDayOf(each)}`] : []));
      expect(await Promise.all(all.map(actsOn))).toEqual(wanted);
    };
    // Both have seen that it is due before either has acted.
    const [seenByBoth] = pairs[0]!;
    const holds = both.map((each) => each.holdNext(seenByBoth.operatorId, 'before its first read'));
    await registries.moveClockTo(new Date(seenByBoth.at));
    await Promise.all(holds.map(({ reached }) => reached));
    holds.forEach((hold) => hold.release());
    await expectNothingDue();
    await expectActed(1);
    for (const [index, moment] of moments.entries()) {
      const killed = await killFirst(both, pairs[index + 1]![0], moment);
      await expectNothingDue();
      await expectActed(index + 2);
      await killed.restart();
    }
    await expectPublished(all, []);
  },
  testLimitMs(120_000),
);
