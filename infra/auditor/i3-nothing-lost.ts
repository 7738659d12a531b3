import {
  type ClearanceState,
  type RegistryState,
  type TopicsState,
  type Version,
  type Waiting,
  isNewer,
} from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';
import type { CommandEntry, ControlEntry, TranscriptEntry } from './transcript.ts';
import { isCommand } from './suspensions.ts';

export type AcceptedRecords = {
  registry: Pick<RegistryState, 'operators' | 'audit'> | undefined;
  clearance: Pick<ClearanceState, 'keys' | 'controls'> | undefined;
  topics: Pick<TopicsState, 'operators' | 'controls' | 'lodged' | 'deadLetters'>;
  waiting: Record<string, Waiting>;
  transcripts: readonly TranscriptEntry[];
};

/**
 * I3: what was answered OK is in the log, on its topic and in the state that follows from it; a declaration lodged on
 * its topic is decided, or is among the dead letters; and nothing waits in an outbox any more. Read models in memory
 * are held against the topics under I10.
 */
export function nothingAcceptedIsLost(records: AcceptedRecords): Finding {
  const found = startComparison('I3');
  for (const [name, { outbox, unsealed }] of Object.entries(records.waiting)) {
    found.expect(outbox === 0, 'events that do not leave the outbox', name, { outbox });
    found.expect(unsealed === 0, 'rows that are not sealed', name, { unsealed });
  }
  if (records.registry !== undefined) {
    commandsAreKept(found, records.registry, records.topics, records.transcripts.filter(isCommand));
    controlsAreTaken(found, records.registry, records.topics.controls);
  }
  if (records.clearance !== undefined) {
    controlsAreKept(found, records.clearance, records.topics, records.transcripts.filter(isControl));
    lodgedAreDecided(found, records.clearance, records.topics);
  }
  return found.finding();
}

function commandsAreKept(
  found: Comparison,
  { operators, audit }: Pick<RegistryState, 'operators' | 'audit'>,
  topics: Pick<TopicsState, 'operators'>,
  commands: readonly CommandEntry[],
): void {
  const held = new Map(operators.map(({ operatorId, version }) => [operatorId, version]));
  const logged = new Set(audit.map(({ operatorId, version }) => `${operatorId}/${version}`));
  const published = new Map<string, Version>();
  for (const { key, value } of topics.operators) {
    const { epoch, number } = value?.version ?? { epoch: 0n, number: 0n };
    const version = { epoch: Number(epoch), number: Number(number) };
    const before = published.get(key);
    if (before === undefined || isNewer(version, before)) published.set(key, version);
  }
  for (const { operatorId, command, answer } of commands) {
    if (answer === undefined) continue;
    const { version } = answer;
    const key = `${command} ${operatorId}`;
    found.expect(
      (held.get(operatorId) ?? 0) >= version.number,
      'an accepted command without effect',
      key,
      answer,
    );
    found.expect(
      logged.has(`${operatorId}/${version.number}`),
      'an accepted command without its audit row',
      key,
      answer,
    );
    const newest = published.get(operatorId);
    const isPublished = newest !== undefined && !isNewer(version, newest);
    found.expect(isPublished, 'an accepted command that was never published', key, { answer, newest });
  }
}

/** The result of a control is recorded for each of our operators on the declaration. */
function controlsAreTaken(
  found: Comparison,
  { operators, audit }: Pick<RegistryState, 'operators' | 'audit'>,
  controls: TopicsState['controls'],
): void {
  const ours = new Set(operators.map(({ operatorId }) => operatorId));
  const taken = new Set(audit.map(({ operatorId, controlId }) => `${operatorId}/${controlId}`));
  for (const { value } of controls) {
    if (value === undefined || value.probe) continue;
    for (const { operatorId } of value.parties) {
      if (!ours.has(operatorId)) continue;
      const key = `${operatorId}/${value.controlId}`;
      found.expect(taken.has(key), 'a control that is not in the record of its operator', key);
    }
  }
}

function controlsAreKept(
  found: Comparison,
  { controls }: Pick<ClearanceState, 'controls'>,
  topics: Pick<TopicsState, 'controls'>,
  entries: readonly ControlEntry[],
): void {
  const held = new Set(controls.map(({ controlId }) => controlId));
  const published = new Set(topics.controls.map(({ value }) => value?.controlId));
  for (const { controlId, ending } of entries)
    if (ending === 'answered')
      found.expect(held.has(controlId), 'an accepted control without effect', controlId);
  for (const controlId of held)
    found.expect(published.has(controlId), 'a control that was never published', controlId);
}

function lodgedAreDecided(
  found: Comparison,
  { keys }: Pick<ClearanceState, 'keys'>,
  { lodged, deadLetters }: Pick<TopicsState, 'lodged' | 'deadLetters'>,
): void {
  const decided = new Set(keys.map(({ declarationId, version }) => `${declarationId}/${version}`));
  const dead = new Set(deadLetters.map(({ topic, key }) => `${topic}/${key}`));
  for (const { topic, key, value } of lodged) {
    if (dead.has(`${topic}.dlq/${key}`)) continue;
    const named = `${value?.declarationId ?? ''}/${value?.version ?? 0}`;
    found.expect(decided.has(named), 'a lodged declaration that is not decided', named, { key });
  }
}

function isControl(entry: TranscriptEntry): entry is ControlEntry {
  return entry.kind === 'control';
}
