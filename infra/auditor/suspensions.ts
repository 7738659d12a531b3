import type { registryStatus } from '@aeo/proto';
import type { AuditRow, TopicRecord, Version } from './audited-state.ts';
import type { CommandEntry, TranscriptEntry } from './transcript.ts';

/** A certificate suspended or revoked, until it is reinstated. Times are ms. */
export type Suspension = {
  operatorId: string;
  certificateId: string;
  version: Version;
  /**
   * When the officer got the answer, by the registry database's clock. Where no answer was received: when the status
   * was sent to Kafka, which follows the commit. Undefined where neither happened.
   */
  knownAt: number | undefined;
  effectiveFrom: number;
  reinstated: { version: Version; recordedAt: number } | undefined;
};

export type SuspensionSources = {
  audit: readonly AuditRow[];
  /** The registry's; statuses on the topic name their own. */
  epoch: number;
  operators: readonly TopicRecord<registryStatus.OperatorStatus>[];
  transcripts: readonly TranscriptEntry[];
};

/** The suspensions and revocations in the registry's audit rows. */
export function suspensionsIn(sources: SuspensionSources): Suspension[] {
  const knownAt = knownTimes(sources);
  const epochs = epochsOf(sources.operators);
  const all: Suspension[] = [];
  const open = new Map<string, Suspension>();
  for (const row of sources.audit) {
    const { operatorId, certificateId, recordedAt } = row;
    const place = placeOf(operatorId, row.version);
    const version = { epoch: epochs.get(place) ?? sources.epoch, number: row.version };
    if (row.type === 'CertificateSuspended' || row.type === 'CertificateRevoked') {
      const effectiveFrom = row.effectiveFrom ?? recordedAt;
      const suspension: Suspension = {
        operatorId,
        certificateId,
        version,
        knownAt: knownAt.get(place),
        effectiveFrom,
        reinstated: undefined,
      };
      open.set(certificateId, suspension);
      all.push(suspension);
    }
    if (row.type === 'CertificateReinstated') {
      const held = open.get(certificateId);
      if (held !== undefined) held.reinstated = { version, recordedAt };
      open.delete(certificateId);
    }
  }
  return all;
}

const placeOf = (operatorId: string, version: number) => `${operatorId}/${version}`;

function knownTimes({ operators, transcripts }: SuspensionSources): Map<string, number> {
  const times = new Map<string, number>();
  const add = (place: string, at: number) => times.set(place, Math.min(at, times.get(place) ?? Infinity));
  for (const { key, value, sentAt } of operators)
    if (value?.version !== undefined) add(placeOf(key, Number(value.version.number)), sentAt);
  // An officer's answer is better than an estimate, and a retry may be answered later than the first request.
  const answered = new Map<string, number>();
  for (const { operatorId, answer, answeredAt } of transcripts.filter(isCommand)) {
    if (answer === undefined) continue;
    const place = placeOf(operatorId, answer.version.number);
    answered.set(place, Math.min(answer.answeredAt ?? answeredAt, answered.get(place) ?? Infinity));
  }
  return new Map([...times, ...answered]);
}

export function isCommand(entry: TranscriptEntry): entry is CommandEntry {
  return entry.kind === 'command';
}

/** After a restore a number is used again under a higher epoch; the audit rows then contain the later one. */
function epochsOf(operators: SuspensionSources['operators']): Map<string, number> {
  const epochs = new Map<string, number>();
  for (const { key, value } of operators) {
    if (value?.version === undefined) continue;
    const place = placeOf(key, Number(value.version.number));
    epochs.set(place, Math.max(Number(value.version.epoch), epochs.get(place) ?? 0));
  }
  return epochs;
}
