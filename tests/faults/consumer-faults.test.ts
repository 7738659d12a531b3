import { randomUUID } from 'node:crypto';
import type { BroadcastReader, IncomingRecord, Kafka, OutgoingRecord, Producer } from '@aeo/platform/kafka';
import { clearanceControl, common, topics } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../setup/eventually.ts';
import { expectSound } from '../setup/services/expect-sound.ts';
import { between, waitForFault, shuffled, testLimitMs } from '../setup/faults/fault-plan.ts';
import { connectTestKafka } from '../setup/stack/kafka.ts';
import { startLoopbackProxy, type LoopbackProxy } from '../setup/faults/loopback-proxy.ts';
import { certified, startTestRegistry, type TestRegistry } from '../setup/registry/registry.ts';

const { CONFORM, FINDING } = common.ControlOutcome;
const stack = inject('stack');
const asideTopic = `${topics.control.name}.dlq`;

let way: LoopbackProxy;
let registry: TestRegistry;
let kafka: Kafka;
let producer: Producer;
let reader: BroadcastReader;
const aside: IncomingRecord[] = [];

beforeAll(async () => {
  way = await startLoopbackProxy(Number(new URL(stack.postgresUrl).port));
  const databaseUrl = (direct: string) => Object.assign(new URL(direct), { port: String(way.port) }).href;
  registry = await startTestRegistry(stack, { databaseUrl });
  kafka = await connectTestKafka(stack.kafkaBrokers, { administration: registry.administration });
  producer = await kafka.producer();
  reader = await kafka.broadcast({ topics: [asideTopic], onRecord: (record) => void aside.push(record) });
});
afterAll(async () => {
  await reader.stop();
  await producer.stop();
  await kafka.stop();
  way.heal();
  await registry.stop();
  await way.stop();
});

type Content = Partial<clearanceControl.ControlResult> & { controlId: string; operatorId?: string };

function control({ operatorId = '', ...content }: Content): OutgoingRecord {
  const message = clearanceControl.ControlResult.fromPartial({
    declaredOn: '2026-03-01',
    outcome: CONFORM,
    parties: [{ operatorId }],
    ...content,
  });
  return record(content.controlId, clearanceControl.ControlResult.encode(message).finish());
}

function record(eventId: string, value: Uint8Array): OutgoingRecord {
  // One partition, so that whatever is held up holds up what is behind it.
  const headers = { 'event-id': eventId, 'event-type': 'ControlRecorded' };
  return { topic: topics.control.name, key: eventId, partition: 0, headers, value };
}

async function counted(operatorId: string): Promise<{ controls: number; findings: number } | undefined> {
  const { rows } = await registry.database.query<{ facts: { controls: number; findings: number } | null }>(
    "SELECT state->'facts'->'controls' AS facts FROM operator WHERE operator_id = $1",
    [operatorId],
  );
  const facts = rows[0]?.facts;
  return facts ? { controls: facts.controls, findings: facts.findings } : undefined;
}

const reasonOf = (eventId: string) =>
  aside.find(({ headers }) => headers['event-id'] === eventId)?.headers['dlq-reason'];

test.each(['cut', 'hang'] as const)(
  'a consumer that loses its database (%s) during a backlog counts every control once and dead-letters none',
  async (fault) => {
    const operators = [];
    for (let index = 0; index < 5; index += 1)
      operators.push((await certified(registry.as('officer'))).operatorId);
    const inTurn = operators.flatMap((operatorId, which) =>
      Array.from({ length: 40 }, (_, index) =>
        control({
          controlId: `${fault}-${which}-${index}`,
          operatorId,
          outcome: index < 10 ? FINDING : CONFORM,
        }),
      ),
    );
    const controls = shuffled(inTurn);
    const early = between(20, 120);
    await producer.send(controls.slice(0, early));
    way[fault]();
    await producer.send(controls.slice(early));
    await waitForFault(8_000);
    const seen = await Promise.all(operators.map(counted));
    expect(seen.filter((facts) => facts?.controls === 40).length).toBeLessThan(5);
    way.heal();
    // Everything is sent again, as a producer does after an unanswered send.
    await producer.send(controls);
    for (const operatorId of operators)
      await eventually(
        async () => expect(await counted(operatorId)).toEqual({ controls: 40, findings: 10 }),
        {
          timeoutMs: 30_000,
        },
      );
    // Whatever came before this one has been read by the time it counts.
    const { operatorId: last } = await certified(registry.as('officer'));
    await producer.send([control({ controlId: randomUUID(), operatorId: last })]);
    await eventually(async () => expect((await counted(last))?.controls).toBe(1), { timeoutMs: 30_000 });
    for (const operatorId of operators)
      expect(await counted(operatorId)).toEqual({ controls: 40, findings: 10 });
    expect(aside).toEqual([]);
    await expectSound({ boundMs: 2_000, administrations: [registry.source], transcripts: [] });
  },
  testLimitMs(150_000),
);

/** As much as the broker takes in one record, with what it adds: a megabyte and twelve bytes for a whole batch. */
const largest = Buffer.alloc(1_048_588 - 200, 0xff);

const poison: [name: string, reason: string, make: (eventId: string) => OutgoingRecord][] = [
  ['bytes that do not decode', 'BODY_MALFORMED', (id) => record(id, Buffer.from([0xff, 0xff, 0xff]))],
  ['no bytes', 'FIELD_UNKNOWN_VALUE', (id) => record(id, Buffer.alloc(0))],
  ['900 kB that do not decode', 'BODY_MALFORMED', (id) => record(id, Buffer.alloc(900_000, 0xff))],
  ['as many bytes as the broker accepts', 'BODY_MALFORMED', (id) => record(id, largest)],
  [
    'an unknown outcome',
    'FIELD_UNKNOWN_VALUE',
    (controlId) => control({ controlId, outcome: 99 as common.ControlOutcome }),
  ],
];

test.each(poison)(
  'a record of %s is dead-lettered as %s and delays the next record by five seconds at most',
  async (_, reason, make) => {
    const { operatorId } = await certified(registry.as('officer'));
    const eventId = randomUUID();
    const sent = make(eventId);
    await producer.send([sent]);
    const sentMs = performance.now();
    await producer.send([control({ controlId: randomUUID(), operatorId })]);
    await eventually(async () => expect((await counted(operatorId))?.controls).toBe(1));
    expect(performance.now() - sentMs).toBeLessThan(5_000);
    await eventually(() => expect(reasonOf(eventId)).toBe(reason));
    const kept = aside.find(({ headers }) => headers['event-id'] === eventId);
    expect(kept).toMatchObject({
      headers: { 'dlq-topic': topics.control.name, 'dlq-partition': '0' },
    });
    expect(Buffer.from(kept!.value).equals(Buffer.from(sent.value))).toBe(true);
  },
);
