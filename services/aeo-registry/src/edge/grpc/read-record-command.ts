import type { registryService } from '@aeo/proto';
import type { Command } from '../../domain/operator/command.ts';
import type { FactOrigin } from '../../domain/operator/event.ts';
import { idPattern, isPlainText } from '@aeo/platform/field-formats';
import { isDay, type FactValue } from '@aeo/programmes';
import { countsMax, lengthsMax, years } from '../field-rules.ts';
import type { Check } from '../refusals.ts';

export function checkIds(ids: readonly string[], path: string, check: Check): void {
  check(ids.length <= countsMax.ids, path, 'BATCH_TOO_LARGE');
  ids
    .slice(0, countsMax.ids)
    .forEach((id, index) => check(idPattern.test(id), `${path}[${index}]`, 'FIELD_FORMAT'));
}

/** What a firm states of itself comes through an officer here; over REST the firm states it in its application. */
const origins: readonly FactOrigin[] = ['applicant', 'authority', 'auditor', 'agency'];

export function readProgrammeFacts(value: registryService.RecordFactsRequest, check: Check): Command {
  const origin = origins.find((each) => each === value.origin);
  check(origin !== undefined, 'origin', 'FIELD_UNKNOWN_VALUE');
  const entries = Object.entries(value.facts);
  check(entries.length > 0, 'facts', 'FIELD_REQUIRED');
  check(entries.length <= countsMax.facts, 'facts', 'BATCH_TOO_LARGE');
  const facts = entries.slice(0, countsMax.facts).map(([name, given]): [string, FactValue] => {
    const found = valueOf(given);
    check(found !== undefined, `facts.${name}`, 'FIELD_REQUIRED');
    check(isFactValue(found), `facts.${name}`, 'FIELD_FORMAT');
    return [name, found ?? ''];
  });
  const { programmeId } = value;
  return {
    type: 'RecordFacts',
    programmeId,
    origin: origin ?? 'authority',
    facts: Object.fromEntries(facts),
  };
}

function valueOf({ value }: registryService.FactValue): FactValue | undefined {
  return value?.$case === 'list' ? value.value.items : value?.value;
}

function isFactValue(value: FactValue | undefined): boolean {
  if (typeof value === 'string') return isPlainText(value, lengthsMax.text);
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === undefined || typeof value === 'boolean') return true;
  return value.length <= countsMax.items && value.every((item) => isPlainText(item, lengthsMax.text));
}

export function readEvidence(value: registryService.RecordEvidenceRequest, check: Check): Command {
  const { evidenceId, programmeId, type, sha256, mediaType, person } = value;
  check(idPattern.test(type), 'type', 'FIELD_FORMAT');
  check(/^[0-9a-f]{64}$/.test(sha256), 'sha256', 'FIELD_FORMAT');
  check(/^[a-z]+\/[a-z0-9.+-]{1,100}$/.test(mediaType), 'mediaType', 'FIELD_FORMAT');
  check(value.bytes > 0n && value.bytes <= 1_000_000_000n, 'bytes', 'FIELD_RANGE');
  check(person === '' || idPattern.test(person), 'person', 'FIELD_FORMAT');
  const day = (path: 'issuedOn' | 'validUntil') => dayOrNull(value[path], path, check);
  const dates = { issuedOn: day('issuedOn'), validUntil: day('validUntil') };
  const bytes = Number(value.bytes);
  const evidence = {
    programmeId,
    type,
    sha256,
    bytes,
    mediaType,
    ...dates,
    person: person === '' ? null : person,
  };
  return { type: 'RecordEvidence', evidenceId, evidence };
}

function dayOrNull(given: string, path: string, check: Check): string | null {
  check(given === '' || isDay(given), path, 'FIELD_FORMAT');
  check(given === '' || (given >= years.first && given < years.end), path, 'FIELD_RANGE');
  return given === '' ? null : given;
}

export function readPerson(value: registryService.RecordPersonRequest, check: Check): Command {
  const { personId, name, position } = value;
  check(isPlainText(name, lengthsMax.name), 'name', 'FIELD_FORMAT');
  check(isPlainText(position, lengthsMax.name), 'position', 'FIELD_FORMAT');
  const person = { name, position, leftOn: dayOrNull(value.leftOn, 'leftOn', check) };
  return { type: 'RecordParticular', kind: 'person', id: personId, particular: person };
}

export function readStep(value: registryService.TakeStepRequest, check: Check): Command {
  const { applicationId, step, outcome, agency, note } = value;
  check(idPattern.test(step), 'step', 'FIELD_FORMAT');
  check(idPattern.test(outcome), 'outcome', 'FIELD_FORMAT');
  check(agency === '' || idPattern.test(agency), 'agency', 'FIELD_FORMAT');
  check(note === '' || isPlainText(note, lengthsMax.note), 'note', 'FIELD_FORMAT');
  const optional = { ...(agency === '' ? {} : { agency }), ...(note === '' ? {} : { note }) };
  return { type: 'TakeStep', applicationId, step, outcome, ...optional };
}
