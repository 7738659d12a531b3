import { evaluate, loadProgrammes, workingDaysOf } from '@aeo/programmes/files';
import {
  identifierChecker,
  readSchemes,
} from '../../../services/aeo-registry/src/adapters/identifier-schemes.ts';
import {
  decide,
  type Command,
  type Decision,
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

/** An operator and the commands it has received, decided and applied as in the registry but in memory. */
export type Story = {
  /** Sets the actor of the next commands. */
  as(actor: string): Story;
  /** Sets the instant of the next commands. */
  on(instant: string): Story;
  /**
   * Applies commands in order.
   *
   * @throws Error where an earlier command was refused and `refusal` was not read: a test must not rest on a command
   * that had no effect
   */
  send(...commands: Command[]): Story;
  /** The reason of the last refusal, with the field's path where it has one; undefined if the last one was accepted. */
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

/** @param known the programmes in force; by default those on file */
export function operatorStory(now = '2026-03-02T09:00:00.000Z', known = programmes): Story {
  let state: Operator | undefined;
  let unreadRefusal: string | undefined;
  let lastRefusal: string | undefined;
  const events: Event[] = [];
  const context: DecisionContext = {
    programmes: known,
    evaluate,
    workingDaysOf,
    checkIdentifier,
    now,
    actor: 'first officer',
  };
  const requireRead = () => {
    if (unreadRefusal !== undefined) throw new Error(`unread refusal: ${unreadRefusal}`);
  };
  const apply = (command: Command) => {
    requireRead();
    const decision = decide(command, state, { ...context });
    lastRefusal = decision.kind === 'refused' ? refusalText(decision) : undefined;
    unreadRefusal = lastRefusal === undefined ? undefined : `${command.type} ${lastRefusal}`;
    if (decision.kind === 'refused') return;
    state = decision.events.reduce<Operator | undefined>(evolve, state);
    events.push(...decision.events);
  };
  const story: Story = {
    as: (actor) => ((context.actor = actor), story),
    on: (instant) => ((context.now = instant), story),
    send: (...commands) => {
      commands.forEach(apply);
      return story;
    },
    refusal: () => {
      unreadRefusal = undefined;
      return lastRefusal;
    },
    state: () => (requireRead(), state!),
    events: () => (requireRead(), events),
    context: () => ({ ...context }),
  };
  return story;
}

function refusalText({ reason, path }: Extract<Decision, { kind: 'refused' }>): string {
  return path === undefined ? reason : `${reason} ${path}`;
}

export const registered: Command = {
  type: 'RegisterOperator',
  profile: { name: 'A firm', identifiers: [], sizeClass: 'small' },
};

/** The types of the events after the first `since`. */
export const typesOf = (story: Story, since = 0) =>
  story
    .events()
    .slice(since)
    .map(({ type }) => type);
