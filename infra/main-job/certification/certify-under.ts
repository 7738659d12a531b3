import { createHash } from 'node:crypto';
import { registryService } from '@aeo/proto';
import { stepsToDecision } from './application-steps.ts';
import {
  factsOf,
  generatedPerson,
  issuedOn,
  profileOf,
  type Profile,
  type ProgrammeRun,
} from './generated-facts.ts';
import type { HistoryOperator } from './operators.ts';

type Command = registryService.RegistryCommand;

/** The recorded actor: readers of the registry see that the facts are generated. */
const generator = 'generated-facts';
const secondPerson = 'main-job-second';
const documentBytes = 20_000n;

export function applicationIdOf({ definition }: ProgrammeRun, { operatorId }: HistoryOperator): string {
  return `${definition.id}-${operatorId}`;
}

/** The commands from a firm's application under a programme to its decision; empty where it does not apply. */
export function commandsUnderProgramme(
  run: ProgrammeRun,
  operator: HistoryOperator,
  today: string,
): Command[] {
  const { definition, generated } = run;
  const { operatorId } = operator;
  if (operator.declarations < generated.applyFromDeclarations) return [];
  const profile = profileOf(generated, operator);
  const applicationId = applicationIdOf(run, operator);
  const application = { applicationId, operatorId };
  const steps = stepsToDecision(definition, profile.tiers);
  const commands = [
    ...recordsOf(run, profile, operator, today),
    wrap('submitApplication', {
      ...application,
      programmeId: definition.id,
      tiers: profile.tiers,
      roles: profile.roles,
    }),
    ...steps.map((step) => wrap('takeStep', { ...application, ...step })),
    wrap('decideApplication', application),
    wrap('approveDecision', application, secondPerson),
  ];
  // A run that is continued sends the same commands, which are answered as before.
  return commands.map((command, index) => ({ ...command, idempotencyKey: `${applicationId}/${index}` }));
}

type Case = NonNullable<Command['command']>['$case'];

function wrap(name: Case, value: object, actor = ''): Command {
  return registryService.RegistryCommand.fromPartial({ command: { $case: name, value }, actor });
}

/** Generated facts by the origin that the programme names, and generated documents. */
function recordsOf(
  { definition }: ProgrammeRun,
  profile: Profile,
  operator: HistoryOperator,
  today: string,
): Command[] {
  const { operatorId } = operator;
  const { id: programmeId } = definition;
  const facts = Object.entries(factsOf(profile, operator, definition));
  const originOf = (name: string) => {
    const origin = definition.facts.find(({ id }) => id === name)?.origin ?? 'authority';
    return origin === 'registry' ? 'authority' : origin;
  };
  const byOrigin = Map.groupBy(facts, ([name]) => originOf(name));
  const persons = profile.evidence.filter((type) => isPersonBound(definition, type));
  return [
    ...[...byOrigin].map(([origin, own]) => {
      const stated = Object.fromEntries(own.map(([name, value]) => [name, wireValue(value)]));
      return wrap('recordFacts', { operatorId, programmeId, origin, facts: stated }, generator);
    }),
    ...(persons.length === 0 ? [] : [wrap('recordPerson', { operatorId, ...generatedPerson }, generator)]),
    ...profile.evidence.map((type) => {
      const evidenceId = `${programmeId}-${type}`;
      const sha256 = createHash('sha256').update(`${operatorId}|${evidenceId}`).digest('hex');
      const person = persons.includes(type) ? generatedPerson.personId : '';
      const content = { sha256, bytes: documentBytes, mediaType: 'application/pdf' };
      const document = { operatorId, evidenceId, programmeId, type, ...content, person };
      return wrap('recordEvidence', { ...document, issuedOn: issuedOn(today) }, generator);
    }),
  ];
}

function isPersonBound({ evidenceTypes }: ProgrammeRun['definition'], type: string): boolean {
  return evidenceTypes.find(({ id }) => id === type)?.personBound === true;
}

function wireValue(value: ReturnType<typeof factsOf>[string]): registryService.FactValue {
  if (typeof value === 'number') return { value: { $case: 'number', value } };
  if (typeof value === 'boolean') return { value: { $case: 'truth', value } };
  if (typeof value === 'string') return { value: { $case: 'text', value } };
  return { value: { $case: 'list', value: { items: [...value] } } };
}
