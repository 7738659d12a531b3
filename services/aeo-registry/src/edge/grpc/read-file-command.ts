import type { registryService } from '@aeo/proto';
import type { Command } from '../../domain/operator/command.ts';
import type { FactOrigin } from '../../domain/operator/event.ts';
import { idPattern, isPlainText } from '@aeo/platform/field-formats';
import { isDay, type FactValue } from '@aeo/programmes';
import type { Check } from './read-command.ts';

const idsMax = 50;
const factsMax = 200;
const noteMax = 2_000;

function checkIds(ids: readonly string[], path: string, check: Check): void {
  check(ids.length <= idsMax, path, 'BATCH_TOO_LARGE');
  ids.slice(0, idsMax).forEach((id, index) => check(idPattern.test(id), `${path}[${index}]`, 'FIELD_FORMAT'));
}

/** What is asked for stands in the draft unless it stands here. */
export function readSubmission(value: registryService.SubmitApplicationRequest, check: Check): Command {
  const { applicationId, programmeId, tiers, roles, renewal } = value;
  checkIds(tiers, 'tiers', check);
  checkIds(roles, 'roles', check);
  const isSaid = tiers.length > 0 || roles.length > 0 || renewal;
  const applied = isSaid ? { tiers, roles, designatedFor: [], renewal } : undefined;
  return { type: 'SubmitApplication', applicationId, programmeId, applied };
}

/** What a firm says of itself comes through an officer here; over REST it says it in its file. */
const origins: readonly FactOrigin[] = ['applicant', 'authority', 'auditor', 'agency'];

export function readProgrammeFacts(value: registryService.RecordFactsRequest, check: Check): Command {
  const origin = origins.find((each) => each === value.origin);
  check(origin !== undefined, 'origin', 'FIELD_UNKNOWN_VALUE');
  const entries = Object.entries(value.facts);
  check(entries.length > 0, 'facts', 'FIELD_REQUIRED');
  check(entries.length <= factsMax, 'facts', 'BATCH_TOO_LARGE');
  const facts = entries.slice(0, factsMax).map(([name, given]): [string, FactValue] => {
    const found = valueOf(given);
    check(found !== undefined, `facts.${name}`, 'FIELD_REQUIRED');
    check(isHeldValue(found), `facts.${name}`, 'FIELD_FORMAT');
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

const textMax = 1_000;
const itemsMax = 1_000;

function isHeldValue(value: FactValue | undefined): boolean {
  if (typeof value === 'string') return isPlainText(value, textMax);
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === undefined || typeof value === 'boolean') return true;
  return value.length <= itemsMax && value.every((item) => isPlainText(item, textMax));
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
  check(given === '' || (given >= '1990-01-01' && given < '2200-01-01'), path, 'FIELD_RANGE');
  return given === '' ? null : given;
}

const nameMax = 200;

export function readPerson(value: registryService.RecordPersonRequest, check: Check): Command {
  const { personId, name, position } = value;
  check(isPlainText(name, nameMax), 'name', 'FIELD_FORMAT');
  check(isPlainText(position, nameMax), 'position', 'FIELD_FORMAT');
  const person = { name, position, leftOn: dayOrNull(value.leftOn, 'leftOn', check) };
  return { type: 'RecordParticular', kind: 'person', id: personId, particular: person };
}

export function readStep(value: registryService.TakeStepRequest, check: Check): Command {
  const { applicationId, step, outcome, agency, note } = value;
  check(idPattern.test(step), 'step', 'FIELD_FORMAT');
  check(idPattern.test(outcome), 'outcome', 'FIELD_FORMAT');
  check(agency === '' || idPattern.test(agency), 'agency', 'FIELD_FORMAT');
  check(note === '' || isPlainText(note, noteMax), 'note', 'FIELD_FORMAT');
  const said = { ...(agency === '' ? {} : { agency }), ...(note === '' ? {} : { note }) };
  return { type: 'TakeStep', applicationId, step, outcome, ...said };
}
