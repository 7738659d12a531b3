import type { registryStatus } from '@aeo/proto';
import type { AuditRow, TopicRecord, Version } from './history.ts';
import type { CommandEntry, TranscriptEntry } from './transcript.ts';

/** A certificate suspended or revoked, until it is reinstated. Times are ms. */
export type Withdrawal = {
  operatorId: string;
  certificateId: string;
  version: Version;
  /**
   * When the officer was told, by the registry database's clock. Where nobody heard the answer: when the status was
   * sent to Kafka, which follows the commit. Undefined where it was neither told nor sent.
   */
  knownAt: number | undefined;
  effectiveFrom: number;
  lifted: { version: Version; recordedAt: number } | undefined;
};

export type WithdrawalSources = {
  audit: readonly AuditRow[];
  /** Of the registry; statuses on the topic tell their own. */
  epoch: number;
  operators: readonly TopicRecord<registryStatus.OperatorStatus>[];
  transcripts: readonly TranscriptEntry[];
};

/** Suspensions and revocations as the registry's audit rows have them. */
export function withdrawalsOf(sources: WithdrawalSources): Withdrawal[] {
  const knownAt = knownTimes(sources);
  const epochs = epochsOf(sources.operators);
  const all: Withdrawal[] = [];
  const open = new Map<string, Withdrawal>();
  for (const row of sources.audit) {
    const { operatorId, certificateId, recordedAt } = row;
    const place = placeOf(operatorId, row.version);
    const version = { epoch: epochs.get(place) ?? sources.epoch, number: row.version };
    if (row.type === 'CertificateSuspended' || row.type === 'CertificateRevoked') {
      const effectiveFrom = row.effectiveFrom ?? recordedAt;
      const withdrawal: Withdrawal = {
        operatorId,
        certificateId,
        version,
        knownAt: knownAt.get(place),
        effectiveFrom,
        lifted: undefined,
      };
      open.set(certificateId, withdrawal);
      all.push(withdrawal);
    }
    if (row.type === 'CertificateReinstated') {
      const held = open.get(certificateId);
      if (held !== undefined) held.lifted = { version, recordedAt };
      open.delete(certificateId);
    }
  }
  return all;
}

const placeOf = (operatorId: string, version: number) => `${operatorId}/${version}`;

function knownTimes({ operators, transcripts }: WithdrawalSources): Map<string, number> {
  const times = new Map<string, number>();
  const note = (place: string, at: number) => times.set(place, Math.min(at, times.get(place) ?? Infinity));
  for (const { key, value, sentAt } of operators)
    if (value?.version !== undefined) note(placeOf(key, Number(value.version.number)), sentAt);
  // What an officer was told stands before what can be guessed, and a retry may be told later than the first answer.
  const told = new Map<string, number>();
  for (const { operatorId, answer, answeredAt } of transcripts.filter(isCommand)) {
    if (answer === undefined) continue;
    const place = placeOf(operatorId, answer.version.number);
    told.set(place, Math.min(answer.answeredAt ?? answeredAt, told.get(place) ?? Infinity));
  }
  return new Map([...times, ...told]);
}

export function isCommand(entry: TranscriptEntry): entry is CommandEntry {
  return entry.kind === 'command';
}

/** A number is used again under a higher epoch after a restore; then the later one is what the audit rows tell of. */
function epochsOf(operators: WithdrawalSources['operators']): Map<string, number> {
  const epochs = new Map<string, number>();
  for (const { key, value } of operators) {
    if (value?.version === undefined) continue;
    const place = placeOf(key, Number(value.version.number));
    epochs.set(place, Math.max(Number(value.version.epoch), epochs.get(place) ?? 0));
  }
  return epochs;
}
