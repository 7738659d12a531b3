import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { toAppError } from '@aeo/platform/errors';
import { clearanceDecision, type clearanceService, type common } from '@aeo/proto';

/**
 * How a question ended: with an answer, with a refusal that has a code, or with the way cut. Who was cut off should ask
 * again and note that as well: a declaration of which the last entry is no answer counts as never answered.
 */
export type Ending = 'answered' | 'refused' | 'cut';

type Asked = {
  /** The administration asked; the first of the sources unless said. */
  administration?: string;
  /** The client's clock, ms. */
  askedAt: number;
  answeredAt: number;
  ending: Ending;
  /** Why it was refused. */
  reason?: string;
};

export type AssessEntry = Asked & {
  kind: 'assess';
  declarationId: string;
  version: number;
  answer?: {
    revision: number;
    /** SHA-256 of the decision as bytes. */
    hash: string;
    lane: number;
    benefit: boolean;
    /** Absent where the decision could not be recorded. */
    decidedAt?: number;
  };
};

export type PriorityEntry = Asked & {
  kind: 'priority';
  identifier: { scheme: string; country: string; value: string };
  answer?: { priority: boolean; match: number };
};

/** A command to the registry. */
export type CommandEntry = Asked & {
  kind: 'command';
  command: string;
  operatorId: string;
  certificateId?: string;
  idempotencyKey?: string;
  answer?: {
    version: { epoch: number; number: number };
    /** The registry database's clock after the commit, where the answer tells it. */
    answeredAt?: number;
    effectiveFrom?: number;
  };
};

export type ControlEntry = Asked & { kind: 'control'; controlId: string; declarationId: string };

export type TranscriptEntry = AssessEntry | PriorityEntry | CommandEntry | ControlEntry;

export type Transcript = {
  /** What was noted; empty where it goes to a file. */
  entries: TranscriptEntry[];
  record: (entry: TranscriptEntry) => void;
  assess<Response extends clearanceService.AssessResponse>(
    request: clearanceService.AssessRequest,
    ask: () => Promise<Response>,
  ): Promise<Response>;
  priority<Response extends clearanceService.GetPriorityResponse>(
    identifier: common.Identifier,
    ask: () => Promise<Response>,
  ): Promise<Response>;
  command<Response extends CommandAnswer>(
    named: NamedCommand,
    ask: () => Promise<Response>,
  ): Promise<Response>;
  control<Response>(
    named: Pick<ControlEntry, 'controlId' | 'declarationId'>,
    ask: () => Promise<Response>,
  ): Promise<Response>;
  /** Fulfilled when everything noted is in the file, rejected where it could not be written. */
  end(): Promise<void>;
};

export type NamedCommand = Pick<CommandEntry, 'command' | 'operatorId'> &
  Partial<Pick<CommandEntry, 'certificateId' | 'idempotencyKey'>>;

type CommandAnswer = {
  version?: common.StatusVersion | undefined;
  answeredAt?: Date | undefined;
  effectiveFrom?: Date | undefined;
};

/**
 * Notes what clients ask and what they get. The ways of asking pass answers and errors on as they are.
 *
 * @param file where entries go, one JSON text a line, so that a long run holds none of them; in memory without
 * @param administration the one that is asked, where it is not the first of the sources
 */
export function recordTranscript(file?: string, administration?: string): Transcript {
  const entries: TranscriptEntry[] = [];
  const out = file === undefined ? undefined : createWriteStream(file);
  const written = out === undefined ? Promise.resolve() : finished(out);
  // Told by `end`.
  written.catch(() => undefined);
  const named = administration === undefined ? {} : { administration };
  const note = (entry: TranscriptEntry) => {
    const whole = { ...named, ...entry };
    if (out === undefined) entries.push(whole);
    else if (!out.writableEnded) out.write(`${JSON.stringify(whole)}\n`);
  };
  return {
    entries,
    record: note,
    assess: ({ declaration }, ask) =>
      noted(ask, (asked, answer) => note(assessEntry(declaration, asked, answer))),
    priority: (identifier, ask) =>
      noted(ask, (asked, answer) => note(priorityEntry(identifier, asked, answer))),
    command: (command, ask) => noted(ask, (asked, answer) => note(commandEntry(command, asked, answer))),
    control: ({ controlId, declarationId }, ask) =>
      noted(ask, (asked) => note({ kind: 'control', controlId, declarationId, ...asked })),
    end: () => {
      if (out?.writableEnded === false) out.end();
      return written;
    },
  };
}

/** The entries of a file, one after the other. */
export async function* readTranscript(file: string): AsyncGenerator<TranscriptEntry> {
  for await (const line of createInterface({ input: createReadStream(file) }))
    yield JSON.parse(line) as TranscriptEntry;
}

/** An answer to Assess, for clients that ask over a stream. */
export function assessEntry(
  declaration: { declarationId: string; version: number } | undefined,
  asked: Asked,
  response: clearanceService.AssessResponse | undefined,
): AssessEntry {
  const { declarationId = '', version = 0 } = declaration ?? {};
  const decision = response?.decision;
  return {
    kind: 'assess',
    declarationId,
    version,
    ...asked,
    ...(decision === undefined ? {} : { answer: answerOf(decision, response?.decidedAt) }),
  };
}

function answerOf(decision: clearanceDecision.Decision, decidedAt: Date | undefined) {
  const bytes = clearanceDecision.Decision.encode(decision).finish();
  return {
    revision: decision.revision,
    hash: hashOf(bytes),
    lane: decision.lane,
    benefit: decision.assessments.some(({ credit }) => credit > 0),
    ...(decidedAt === undefined ? {} : { decidedAt: decidedAt.getTime() }),
  };
}

function priorityEntry(
  { scheme, country, value }: common.Identifier,
  asked: Asked,
  response: clearanceService.GetPriorityResponse | undefined,
): PriorityEntry {
  const { priority, match } = response ?? {};
  return {
    kind: 'priority',
    identifier: { scheme, country, value },
    ...asked,
    ...(priority === undefined || match === undefined ? {} : { answer: { priority, match } }),
  };
}

/** A command's answer, for clients that send many at once. */
export function commandEntry(
  named: NamedCommand,
  asked: Asked,
  response: CommandAnswer | undefined,
): CommandEntry {
  const entry: CommandEntry = { kind: 'command', ...named, ...asked };
  if (response?.version === undefined) return entry;
  const { version, answeredAt, effectiveFrom } = response;
  entry.answer = {
    version: { epoch: Number(version.epoch), number: Number(version.number) },
    ...(answeredAt === undefined ? {} : { answeredAt: answeredAt.getTime() }),
    ...(effectiveFrom === undefined ? {} : { effectiveFrom: effectiveFrom.getTime() }),
  };
  return entry;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function noted<Response>(
  ask: () => Promise<Response>,
  note: (asked: Asked, answer: Response | undefined) => void,
): Promise<Response> {
  const askedAt = Date.now();
  try {
    const answer = await ask();
    note({ askedAt, answeredAt: Date.now(), ending: 'answered' }, answer);
    return answer;
  } catch (error) {
    const { code, reason } = toAppError(error);
    const ending = code === 'unavailable' ? 'cut' : 'refused';
    note({ askedAt, answeredAt: Date.now(), ending, reason }, undefined);
    throw error;
  }
}
