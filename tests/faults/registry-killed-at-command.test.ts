import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, scaled, shuffled, testLimitMs } from '../setup/faults/fault-plan.ts';
import {
  europeanApplication,
  noticeDays,
  revocation,
  type StoredAnswer,
  type Applicant,
} from '../setup/registry/application-commands.ts';
import {
  expectInOrder,
  expectConsistent,
  publishedStatuses,
  readOperatorRecord,
  type OperatorRecord,
} from '../setup/registry/operator-records.ts';
import {
  startRegistryProcesses,
  type RegistryProcess,
  type RegistryProcesses,
} from '../setup/registry/registry-processes.ts';
import type { Moment } from '../setup/faults/transaction-holds.ts';

let registries: RegistryProcesses;
let registry: RegistryProcess;

beforeAll(async () => {
  registries = await startRegistryProcesses(inject('stack'));
  registry = await registries.start('one');
});
afterAll(() => registries.stop());

const commands = [...europeanApplication, revocation];

/** Who walks the path, how far it has come, and how many events it had after each command. */
type RunningApplicant = Applicant & { commandsDone: number; eventsAfter: number[] };

function newApplicant(): RunningApplicant {
  return { operatorId: randomUUID(), certificateId: '', commandsDone: 0, eventsAfter: [] };
}

const keyOf = ({ operatorId, commandsDone: done }: RunningApplicant) => `${operatorId}/${done}`;
const executeNext = (each: RunningApplicant): Promise<StoredAnswer[]> =>
  commands[each.commandsDone]!.execute(registry, each, keyOf(each));

/** What was committed of it, and what the key of its next command was answered. */
const recorded = (each: RunningApplicant) =>
  readOperatorRecord(registries.database, each.operatorId, keyOf(each));

async function countCommand(each: RunningApplicant): Promise<void> {
  each.eventsAfter.push((await recorded(each)).events.length);
  each.commandsDone += 1;
}

async function executeUpTo(each: RunningApplicant, until: number): Promise<void> {
  while (each.commandsDone < until) {
    await executeNext(each);
    await countCommand(each);
  }
}

const committed: readonly Moment[] = ['after the commit', 'before the answer'];

type Kill = { applicant: RunningApplicant; moment: Moment };
type KillResult = Kill & { left: OperatorRecord };

/** Stops the next command of each at its moment, and kills the registry when all have come so far. */
async function killAtMoments(kills: readonly Kill[]): Promise<KillResult[]> {
  const before = await Promise.all(kills.map(({ applicant }) => recorded(applicant)));
  const held = kills.map(({ applicant, moment }) => {
    const hold = registry.holdNext(applicant.operatorId, moment);
    const asking = executeNext(applicant).then(
      () => 'answered',
      (error: unknown) => error,
    );
    return { ...hold, asking };
  });
  const early = await Promise.all(
    held.map(({ reached, asking }) => Promise.race([reached.then(() => 'held'), asking])),
  );
  expect(early).toEqual(kills.map(() => 'held'));
  await registry.kill();
  held.forEach((hold) => hold.drop());
  for (const { asking } of held) expect(await asking).toMatchObject({ code: 'unavailable' });
  await noTransactionIsLeft();
  const left = await Promise.all(kills.map(({ applicant }) => recorded(applicant)));
  kills.forEach(({ applicant, moment }, index) => {
    const what = `${commands[applicant.commandsDone]!.name}, killed ${moment}`;
    if (committed.includes(moment)) expect(left[index]!.answers.length, what).toBeGreaterThan(0);
    else expect(left[index], what).toEqual(before[index]);
  });
  return kills.map((kill, index) => ({ ...kill, left: left[index]! }));
}

/** What a process had open ends with it, its locks too. */
async function noTransactionIsLeft(): Promise<void> {
  await eventually(async () => {
    const { rows } = await registries.database.query(
      `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND state LIKE 'idle in transaction%'`,
    );
    expect(rows).toEqual([]);
  });
}

/** The same under the same key is answered as it was kept, and has its effect once, as it had for who was not struck. */
async function repeat(
  { applicant, moment, left }: KillResult,
  uninterrupted: RunningApplicant,
): Promise<void> {
  const what = `${commands[applicant.commandsDone]!.name}, killed ${moment}`;
  expectConsistent(left, await registries.now());
  const answered = await executeNext(applicant);
  const after = await recorded(applicant);
  if (committed.includes(moment)) expect(after, what).toEqual(left);
  expect(answered.length, what).toBeGreaterThan(0);
  expect(answered, what).toEqual(after.answers);
  expect(await executeNext(applicant), what).toEqual(answered);
  expect(await recorded(applicant), what).toEqual(after);
  expectConsistent(after, await registries.now());
  await countCommand(applicant);
  expect(applicant.eventsAfter, what).toEqual(uninterrupted.eventsAfter.slice(0, applicant.commandsDone));
}

const moments = (
  [
    'before its first read',
    'holding the row lock',
    'before the commit',
    'after the commit',
    'after its first write',
    'before the answer',
  ] satisfies Moment[]
).slice(0, scaled(4, 6));
/** As many as a registry has connections for, each with another command at a time. */
const groups = 12 / moments.length;

async function killAndRepeat(kills: readonly Kill[], uninterrupted: RunningApplicant): Promise<void> {
  const struck = await killAtMoments(kills);
  await registry.restart();
  await Promise.all(struck.map((each) => repeat(each, uninterrupted)));
}

test(
  'a registry that is killed at any moment of a command has executed it once or not at all',
  async () => {
    const uninterrupted = newApplicant();
    const walkers = Array.from({ length: groups }, () =>
      shuffled(moments).map((moment) => ({ applicant: newApplicant(), moment })),
    );
    const length = europeanApplication.length;
    let kills = 0;
    for (let start = 0; start < length; start += groups) {
      const turns = walkers
        .map((group, index) => ({ group, command: start + index }))
        .filter(({ command }) => command < length);
      await Promise.all([
        executeUpTo(uninterrupted, Math.min(length, start + groups)),
        ...turns.flatMap(({ group, command }) =>
          group.map(({ applicant }) => executeUpTo(applicant, command)),
        ),
      ]);
      await killAndRepeat(
        turns.flatMap(({ group }) => group),
        uninterrupted,
      );
      kills += 1;
    }
    const all = walkers.flat();
    await Promise.all(all.map(({ applicant }) => executeUpTo(applicant, length)));
    await registries.moveClockTo(
      new Date((await registries.now()).getTime() + (noticeDays + 1) * 86_400_000),
    );
    await executeUpTo(uninterrupted, commands.length);
    await killAndRepeat(all, uninterrupted);
    expect(kills).toBe(Math.ceil(length / groups));
    await expectSameResult(
      uninterrupted,
      all.map(({ applicant }) => applicant),
    );
  },
  testLimitMs(120_000),
);

/** All have come to the same state by the same events, and their statuses have been published, each version at least once. */
async function expectSameResult(
  uninterrupted: RunningApplicant,
  walkers: readonly RunningApplicant[],
): Promise<void> {
  await eventually(async () => {
    expect((await registries.database.query('SELECT 1 FROM outbox LIMIT 1')).rows).toEqual([]);
  });
  const statuses = await publishedStatuses(registries);
  const wanted = await readOperatorRecord(registries.database, uninterrupted.operatorId);
  for (const each of [uninterrupted, ...walkers]) {
    const found = await readOperatorRecord(registries.database, each.operatorId);
    expect(found.events.map(({ type }) => type)).toEqual(wanted.events.map(({ type }) => type));
    expect(withoutNamesAndTimes(found, each)).toEqual(withoutNamesAndTimes(wanted, uninterrupted));
    expectInOrder(statuses.get(each.operatorId) ?? [], found.version);
  }
  const sources = { administrations: [registries.source], transcripts: [], boundMs: 2_000 };
  const { checked } = await expectSound({ ...sources, at: await registries.now() });
  for (const invariant of ['I3', 'I5', 'I6', 'I10'] as const)
    expect([invariant, checked[invariant] > 0]).toEqual([invariant, true]);
}

/** A state without what tells one walker from another: names, and the times at which things were done. */
function withoutNamesAndTimes({ state }: OperatorRecord, { operatorId, certificateId }: Applicant): unknown {
  const text = JSON.stringify(state)
    .replaceAll(certificateId, 'the certificate')
    .replaceAll(operatorId, 'the operator')
    .replaceAll(operatorId.toUpperCase().slice(-30), 'its number')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time');
  return JSON.parse(text);
}

const attemptsMax = 10_000;

/** Asks again at once, so that a registry that is up for a moment is not missed. */
async function executeUntilAnswered(each: RunningApplicant): Promise<void> {
  for (let left = attemptsMax; ; left -= 1) {
    const refusal = await executeNext(each).then(() => undefined, toAppError);
    if (refusal === undefined) return;
    if (refusal.code !== 'unavailable' || left === 0) throw refusal;
    await pause(20);
  }
}

/** Walks applications one after the other until it is stopped, each to the end of its notice. */
async function runApplications(signal: AbortSignal): Promise<RunningApplicant[]> {
  const walked: RunningApplicant[] = [];
  while (!signal.aborted) {
    const each = newApplicant();
    while (each.commandsDone < europeanApplication.length) {
      await executeUntilAnswered(each);
      each.commandsDone += 1;
    }
    walked.push(each);
  }
  return walked;
}

test(
  'a registry that is killed under concurrent applications executes each retried command once',
  async () => {
    const uninterrupted = newApplicant();
    await executeUpTo(uninterrupted, europeanApplication.length);
    const stopped = new AbortController();
    const walking = Array.from({ length: 4 }, () => runApplications(stopped.signal));
    for (let kills = scaled(2, 40); kills > 0; kills -= 1) {
      await pause(between(50, 600));
      await registry.kill();
      await registry.restart();
    }
    stopped.abort();
    const walkers = (await Promise.all(walking)).flat();
    expect(walkers.length).toBeGreaterThanOrEqual(4);
    for (const { operatorId } of walkers)
      expectConsistent(await readOperatorRecord(registries.database, operatorId), await registries.now());
    await expectSameResult(uninterrupted, walkers);
  },
  testLimitMs(120_000),
);
