import { common } from '@aeo/proto';
import { revisionKey, type AuditRow, type ClearanceState, type TopicsState } from './audited-state.ts';
import { isAssess } from './i2-fail-closed.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';
import type { TranscriptEntry } from './transcript.ts';
import { isCommand } from './suspensions.ts';

export type EffectRecords = {
  clearance: Pick<ClearanceState, 'decisions' | 'keys'> | undefined;
  audit: readonly AuditRow[];
  topics: Pick<TopicsState, 'decisions' | 'controls'>;
  transcripts: readonly TranscriptEntry[];
};

/**
 * I4: one recorded decision for a revision, revisions without a gap and at most one final one for a stage; an answer
 * from a record has the record's bytes; an event may be delivered twice, but its content has one event id; an
 * idempotency key has one effect, and a control counts once for an operator.
 */
export function oneEffect({ clearance, audit, topics, transcripts }: EffectRecords): Finding {
  const found = startComparison('I4');
  if (clearance !== undefined) {
    revisionsAreOne(found, clearance);
    answersAreTheRecord(found, clearance, transcripts);
  }
  eventsAreOne(found, topics);
  keysHaveOneEffect(found, transcripts);
  const controls = audit.filter(({ controlId }) => controlId !== '');
  for (const [key, rows] of Map.groupBy(controls, (row) => `${row.operatorId}/${row.controlId}`))
    found.expect(rows.length === 1, 'a control that counts twice', key, { rows: rows.map(({ id }) => id) });
  return found.finding();
}

function revisionsAreOne(found: Comparison, { decisions }: Pick<ClearanceState, 'decisions'>): void {
  for (const [key, rows] of Map.groupBy(decisions, (row) => `${row.declarationId}/${row.version}`)) {
    const revisions = rows.map(({ revision }) => revision).sort((a, b) => a - b);
    const whole = revisions.every((revision, index) => revision === index + 1);
    found.expect(whole, 'revisions that are not one of each', key, { revisions });
    for (const stage of [common.Stage.PRE_ARRIVAL, common.Stage.PRESENTATION]) {
      const final = rows.filter((row) => row.stage === stage && !row.provisional);
      found.expect(final.length <= 1, 'two final decisions', key, { stage, revisions });
    }
  }
}

function answersAreTheRecord(
  found: Comparison,
  { decisions }: Pick<ClearanceState, 'decisions'>,
  transcripts: readonly TranscriptEntry[],
): void {
  const hashes = new Map(decisions.map((row) => [revisionKey(row), row.hash]));
  for (const { declarationId, version, answer } of transcripts.filter(isAssess)) {
    if (answer?.decidedAt === undefined) continue;
    const key = revisionKey({ declarationId, version, revision: answer.revision });
    const recorded = hashes.get(key);
    found.expect(recorded !== undefined, 'an answer that is not recorded', key, answer);
    if (recorded !== undefined)
      found.expect(recorded === answer.hash, 'an answer that differs from the record', key, {
        recorded,
        answer,
      });
  }
}

function eventsAreOne(found: Comparison, topics: EffectRecords['topics']): void {
  const named = [
    ...topics.decisions.map((record) => ({ ...record, name: record.value && revisionKey(record.value) })),
    ...topics.controls.map((record) => ({ ...record, name: record.value?.controlId })),
  ];
  for (const [name, records] of Map.groupBy(named, ({ topic, name }) => `${topic} ${name ?? ''}`)) {
    const ids = [...new Set(records.map(({ eventId }) => eventId))];
    const hashes = [...new Set(records.map(({ hash }) => hash))];
    found.expect(ids.length === 1 && hashes.length === 1, 'published under several events', name, {
      ids,
      hashes,
    });
  }
}

function keysHaveOneEffect(found: Comparison, transcripts: readonly TranscriptEntry[]): void {
  const keyed = transcripts.filter(isCommand).filter(({ idempotencyKey }) => idempotencyKey !== undefined);
  for (const [key, entries] of Map.groupBy(keyed, ({ idempotencyKey }) => idempotencyKey!)) {
    const versions = entries.flatMap(({ answer }) => (answer === undefined ? [] : [answer.version.number]));
    if (versions.length > 0)
      found.expect(new Set(versions).size === 1, 'one key with two effects', key, { versions });
  }
}
