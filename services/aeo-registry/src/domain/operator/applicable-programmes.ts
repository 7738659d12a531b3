import { programmeVersionFor, type DecisionContext } from './decision.ts';
import type { Application, Operator } from './operator.ts';
import type { ProgrammeDefinition } from '@aeo/programmes';

/**
 * The versions of a programme that an operator has to do with: the one in force, and those under which its files go on and
 * its certificates were granted. What one of them reads may be said and proven.
 */
export function applicableProgrammes(
  programmeId: string,
  state: Operator,
  context: DecisionContext,
): ProgrammeDefinition[] {
  const { programmes, now } = context;
  const isOpen = ({ status, appeals }: Application) =>
    status === 'submitted' || (status === 'refused' && appeals.some(({ decided }) => decided === null));
  const files = Object.values(state.applications).filter(isOpen);
  const held = Object.values(state.certificates).filter(
    ({ status }) => status === 'active' || status === 'suspended',
  );
  const found = [
    programmes.inForce(programmeId, now),
    ...[...files, ...held]
      .filter((each) => each.programmeId === programmeId)
      .map((each) => programmeVersionFor(each, context)),
    ...held
      .filter((each) => each.programmeId === programmeId)
      .map(({ programmeVersion }) => programmes.version(programmeId, programmeVersion)),
  ];
  return [...new Set(found.filter((each) => each !== undefined))];
}
