import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { toAppError } from '@aeo/platform/errors';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, scaled, shuffled, testLimitMs } from '../setup/faults/fault-plan.ts';
import {
  europeanFile,
  noticeDays,
  revocation,
  type Answer,
  type Walker,
} from '../setup/registry/application-commands.ts';
import {
  expectInOrder,
  expectWhole,
  publishedStatuses,
  recordOf,
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

const path = [...europeanFile, revocation];

/** Who walks the path, how far it has come, and how many events it had after each command. */
type Walking = Walker & { done: number; eventsAfter: number[] };

function walker(): Walking {
  return { operatorId: randomUUID(), certificateId: '', done: 0, eventsAfter: [] };
}

const keyOf = ({ operatorId, done }: Walking) => `${operatorId}/${done}`;
const ask = (each: Walking): Promise<Answer[]> => path[each.done]!.ask(registry, each, keyOf(each));

/** What was committed of it, and what the key of its next command was answered. */
const recorded = (each: Walking) => recordOf(registries.database, each.operatorId, keyOf(each));

async function noteDone(each: Walking): Promise<void> {
  each.eventsAfter.push((await recorded(each)).events.length);
  each.done += 1;
}

async function goOn(each: Walking, until: number): Promise<void> {
  while (each.done < until) {
    await ask(each);
    await noteDone(each);
  }
}

const committed: readonly Moment[] = ['after the commit', 'before the answer'];

type Strike = { each: Walking; moment: Moment };
type Struck = Strike & { left: OperatorRecord };

/** Stops the next command of each at its moment, and kills the registry when all have come so far. */
async function killAt(strikes: readonly Strike[]): Promise<Struck[]> {
  const before = await Promise.all(strikes.map(({ each }) => recorded(each)));
  const held = strikes.map(({ each, moment }) => {
    const hold = registry.holdNext(each.operatorId, moment);
    const asking = ask(each).then(
      () => 'answered',
      (error: unknown) => error,
    );
    return { ...hold, asking };
  });
  const early = await Promise.all(
    held.map(({ reached, asking }) => Promise.race([reached.then(() => 'held'), asking])),
  );
  expect(early).toEqual(strikes.map(() => 'held'));
  await registry.kill();
  held.forEach((hold) => hold.drop());
  for (const { asking } of held) expect(await asking).toMatchObject({ code: 'unavailable' });
  await noTransactionIsLeft();
  const left = await Promise.all(strikes.map(({ each }) => recorded(each)));
  strikes.forEach(({ each, moment }, index) => {
    const what = `${path[each.done]!.name}, killed ${moment}`;
    if (committed.includes(moment)) expect(left[index]!.answers.length, what).toBeGreaterThan(0);
    else expect(left[index], what).toEqual(before[index]);
  });
  return strikes.map((strike, index) => ({ ...strike, left: left[index]! }));
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
async function repeat({ each, moment, left }: Struck, unstruck: Walking): Promise<void> {
  const what = `${path[each.done]!.name}, killed ${moment}`;
  expectWhole(left, await registries.now());
  const answered = await ask(each);
  const after = await recorded(each);
  if (committed.includes(moment)) expect(after, what).toEqual(left);
  expect(answered.length, what).toBeGreaterThan(0);
  expect(answered, what).toEqual(after.answers);
  expect(await ask(each), what).toEqual(answered);
  expect(await recorded(each), what).toEqual(after);
  expectWhole(after, await registries.now());
  await noteDone(each);
  expect(each.eventsAfter, what).toEqual(unstruck.eventsAfter.slice(0, each.done));
}

const moments = (
  [
    ...(['before its first look', 'holding the row', 'before the commit', 'after the commit'] as const),
    ...(['with its first writes', 'before the answer'] as const),
  ] satisfies Moment[]
).slice(0, scaled(4, 6));
/** As many as a registry has connections for, each with another command at a time. */
const groups = 12 / moments.length;

async function strikeAll(strikes: readonly Strike[], unstruck: Walking): Promise<void> {
  const struck = await killAt(strikes);
  await registry.restart();
  await Promise.all(struck.map((each) => repeat(each, unstruck)));
}

test(
  'killed at each command of a file, at each moment of its transaction, a registry has done it once or not at all',
  async () => {
    const unstruck = walker();
    const walkers = Array.from({ length: groups }, () =>
      shuffled(moments).map((moment) => ({ each: walker(), moment })),
    );
    const length = europeanFile.length;
    let kills = 0;
    for (let start = 0; start < length; start += groups) {
      const turns = walkers
        .map((group, index) => ({ group, command: start + index }))
        .filter(({ command }) => command < length);
      await Promise.all([
        goOn(unstruck, Math.min(length, start + groups)),
        ...turns.flatMap(({ group, command }) => group.map(({ each }) => goOn(each, command))),
      ]);
      await strikeAll(
        turns.flatMap(({ group }) => group),
        unstruck,
      );
      kills += 1;
    }
    const all = walkers.flat();
    await Promise.all(all.map(({ each }) => goOn(each, length)));
    await registries.moveClockTo(
      new Date((await registries.now()).getTime() + (noticeDays + 1) * 86_400_000),
    );
    await goOn(unstruck, path.length);
    await strikeAll(all, unstruck);
    expect(kills).toBe(Math.ceil(length / groups));
    await expectLike(
      unstruck,
      all.map(({ each }) => each),
    );
  },
  testLimitMs(120_000),
);

/** All have come to the same state by the same events, and their statuses have been told, each version at least once. */
async function expectLike(unstruck: Walking, walkers: readonly Walking[]): Promise<void> {
  await eventually(async () => {
    expect((await registries.database.query('SELECT 1 FROM outbox LIMIT 1')).rows).toEqual([]);
  });
  const statuses = await publishedStatuses(registries);
  const wanted = await recordOf(registries.database, unstruck.operatorId);
  for (const each of [unstruck, ...walkers]) {
    const found = await recordOf(registries.database, each.operatorId);
    expect(found.events.map(({ type }) => type)).toEqual(wanted.events.map(({ type }) => type));
    expect(timeless(found, each)).toEqual(timeless(wanted, unstruck));
    expectInOrder(statuses.get(each.operatorId) ?? [], found.version);
  }
  const sources = { administrations: [registries.source], transcripts: [], boundMs: 2_000 };
  const { checked } = await expectSound({ ...sources, at: await registries.now() });
  for (const invariant of ['I3', 'I5', 'I6', 'I10'] as const)
    expect([invariant, checked[invariant] > 0]).toEqual([invariant, true]);
}

/** A state without what tells one walker from another: names, and the times at which things were done. */
function timeless({ state }: OperatorRecord, { operatorId, certificateId }: Walker): unknown {
  const text = JSON.stringify(state)
    .replaceAll(certificateId, 'the certificate')
    .replaceAll(operatorId, 'the operator')
    .replaceAll(operatorId.toUpperCase().slice(-30), 'its number')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time');
  return JSON.parse(text);
}

const attemptsMax = 10_000;

/** Asks again at once, so that a registry that is up for a moment is not missed. */
async function askUntilAnswered(each: Walking): Promise<void> {
  for (let left = attemptsMax; ; left -= 1) {
    const refusal = await ask(each).then(() => undefined, toAppError);
    if (refusal === undefined) return;
    if (refusal.code !== 'unavailable' || left === 0) throw refusal;
    await pause(20);
  }
}

/** Walks files one after the other until it is told to stop, each to the end of its notice. */
async function walkFiles(signal: AbortSignal): Promise<Walking[]> {
  const walked: Walking[] = [];
  while (!signal.aborted) {
    const each = walker();
    while (each.done < europeanFile.length) {
      await askUntilAnswered(each);
      each.done += 1;
    }
    walked.push(each);
  }
  return walked;
}

test(
  'killed at any moment while files go on side by side, and asked again, it has done each command once',
  async () => {
    const unstruck = walker();
    await goOn(unstruck, europeanFile.length);
    const stopped = new AbortController();
    const walking = Array.from({ length: 4 }, () => walkFiles(stopped.signal));
    for (let kills = scaled(2, 40); kills > 0; kills -= 1) {
      await pause(between(50, 600));
      await registry.kill();
      await registry.restart();
    }
    stopped.abort();
    const walkers = (await Promise.all(walking)).flat();
    expect(walkers.length).toBeGreaterThanOrEqual(4);
    for (const { operatorId } of walkers)
      expectWhole(await recordOf(registries.database, operatorId), await registries.now());
    await expectLike(unstruck, walkers);
  },
  testLimitMs(120_000),
);
