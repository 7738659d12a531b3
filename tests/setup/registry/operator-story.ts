import { evaluate, loadProgrammes, workingDaysOf } from '@aeo/programmes/files';
import {
  identifierChecker,
  readSchemes,
} from '../../../services/aeo-registry/src/adapters/identifier-schemes.ts';
import {
  decide,
  type Command,
  type DecisionContext,
} from '../../../services/aeo-registry/src/domain/operator/decide.ts';
import {
  evolve,
  type Event,
  type Operator,
} from '../../../services/aeo-registry/src/domain/operator/operator.ts';
import { programmesOf, type Programmes, type ProgrammeDefinition } from '@aeo/programmes';

const checkIdentifier = identifierChecker(readSchemes('services/aeo-registry/identifier-schemes.json'));
const programmes = loadProgrammes('services/programmes/files');

/** An operator to which things happen one after the other, as the registry would have it. */
export type Story = {
  /** Who asks, and when. */
  as(actor: string): Story;
  on(instant: string): Story;
  tell(...commands: Command[]): Story;
  /** The reason of the last refusal, with the field's path where it has one; undefined where the last one was taken. */
  refusal(): string | undefined;
  state(): Operator;
  events(): Event[];
  context(): DecisionContext;
};

/** The programmes on file, those of one id changed. */
export function programmesWith(
  id: string,
  change: (programme: ProgrammeDefinition) => ProgrammeDefinition,
): Programmes {
  return programmesOf(programmes.all.map((each) => (each.id === id ? change(each) : each)));
}

/** @param known the programmes there are; those on file unless given */
export function story(now = '2026-03-02T09:00:00.000Z', known = programmes): Story {
  let state: Operator | undefined;
  let last: ReturnType<typeof decide> | undefined;
  const events: Event[] = [];
  const context: DecisionContext = {
    programmes: known,
    evaluate,
    workingDaysOf,
    checkIdentifier,
    now,
    actor: 'first officer',
  };
  const told: Story = {
    as: (actor) => ((context.actor = actor), told),
    on: (instant) => ((context.now = instant), told),
    tell: (...commands) => {
      for (const command of commands) {
        last = decide(command, state, { ...context });
        if (last.kind === 'refused') continue;
        state = last.events.reduce<Operator | undefined>(evolve, state);
        events.push(...last.events);
      }
      return told;
    },
    refusal: () => {
      if (last?.kind !== 'refused') return undefined;
      return last.path === undefined ? last.reason : `${last.reason} ${last.path}`;
    },
    state: () => state!,
    events: () => events,
    context: () => ({ ...context }),
  };
  return told;
}

export const registered: Command = {
  type: 'RegisterOperator',
  profile: { name: 'A firm', identifiers: [], sizeClass: 'small' },
};

/** What has happened since an earlier number of events, by their types. */
export const typesOf = (told: Story, since = 0) =>
  told
    .events()
    .slice(since)
    .map(({ type }) => type);
