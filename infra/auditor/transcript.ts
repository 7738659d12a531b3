import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { toAppError } from '@aeo/platform/errors';
import { clearanceDecision, type clearanceService, type common } from '@aeo/proto';

/**
 * How a request ended: with an answer, with a refusal that has a code, or with a lost connection. A client that lost
 * its connection should retry and record that as well: a declaration without an answer counts as never answered.
 */
type Ending = 'answered' | 'refused' | 'cut';

type CallTimes = {
  /** The administration that was called; the first of the sources by default. */
  administration?: string;
  /** The client's clock, ms. */
  askedAt: number;
  answeredAt: number;
  ending: Ending;
  /** Why it was refused. */
  reason?: string;
};

export type AssessEntry = CallTimes & {
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

export type PriorityEntry = CallTimes & {
  kind: 'priority';
  identifier: { scheme: string; country: string; value: string };
  answer?: { priority: boolean; match: number };
};

/** A command to the registry. */
export type CommandEntry = CallTimes & {
  kind: 'command';
  command: string;
  operatorId: string;
  certificateId?: string;
  idempotencyKey?: string;
  answer?: {
    version: { epoch: number; number: number };
    /** The registry database's clock after the commit, where the answer has it. */
    answeredAt?: number;
    effectiveFrom?: number;
  };
};

export type ControlEntry = CallTimes & { kind: 'control'; controlId: string; declarationId: string };

export type TranscriptEntry = AssessEntry | PriorityEntry | CommandEntry | ControlEntry;

export type Transcript = {
  /** What was recorded; empty where it is written to a file. */
  entries: TranscriptEntry[];
  record: (entry: TranscriptEntry) => void;
  assess<Response extends clearanceService.AssessResponse>(
    request: clearanceService.AssessRequest,
    call: () => Promise<Response>,
  ): Promise<Response>;
  priority<Response extends clearanceService.GetPriorityResponse>(
    identifier: common.Identifier,
    call: () => Promise<Response>,
  ): Promise<Response>;
  command<Response extends CommandAnswer>(
    named: NamedCommand,
    call: () => Promise<Response>,
  ): Promise<Response>;
  control<Response>(
    named: Pick<ControlEntry, 'controlId' | 'declarationId'>,
    call: () => Promise<Response>,
  ): Promise<Response>;
  /** Resolves when all entries are in the file, rejects where they could not be written. */
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
 * Records the requests of clients and their answers. Answers and errors are passed on unchanged.
 *
 * @param file receives the entries, one JSON text a line; without it they are kept in memory
 * @param administration the one that is called, where it is not the first of the sources
 */
export function recordTranscript(file?: string, administration?: string): Transcript {
  const entries: TranscriptEntry[] = [];
  const out = file === undefined ? undefined : createWriteStream(file);
  const written = out === undefined ? Promise.resolve() : finished(out);
  // A failure is thrown by `end`.
  written.catch(() => undefined);
  const named = administration === undefined ? {} : { administration };
  const record = (entry: TranscriptEntry) => {
    const whole = { ...named, ...entry };
    if (out === undefined) entries.push(whole);
    else if (!out.writableEnded) out.write(`${JSON.stringify(whole)}\n`);
  };
  return {
    entries,
    record,
    assess: ({ declaration }, call) =>
      recordCall(call, (times, answer) => record(assessEntry(declaration, times, answer))),
    priority: (identifier, call) =>
      recordCall(call, (times, answer) => record(priorityEntry(identifier, times, answer))),
    command: (command, call) =>
      recordCall(call, (times, answer) => record(commandEntry(command, times, answer))),
    control: ({ controlId, declarationId }, call) =>
      recordCall(call, (times) => record({ kind: 'control', controlId, declarationId, ...times })),
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

/** The entry of an Assess answer, for clients that use a stream. */
export function assessEntry(
  declaration: { declarationId: string; version: number } | undefined,
  times: CallTimes,
  response: clearanceService.AssessResponse | undefined,
): AssessEntry {
  const { declarationId = '', version = 0 } = declaration ?? {};
  const decision = response?.decision;
  return {
    kind: 'assess',
    declarationId,
    version,
    ...times,
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
  times: CallTimes,
  response: clearanceService.GetPriorityResponse | undefined,
): PriorityEntry {
  const { priority, match } = response ?? {};
  return {
    kind: 'priority',
    identifier: { scheme, country, value },
    ...times,
    ...(priority === undefined || match === undefined ? {} : { answer: { priority, match } }),
  };
}

/** The entry of a command, for clients that send many at once. */
export function commandEntry(
  named: NamedCommand,
  times: CallTimes,
  response: CommandAnswer | undefined,
): CommandEntry {
  const entry: CommandEntry = { kind: 'command', ...named, ...times };
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

async function recordCall<Response>(
  call: () => Promise<Response>,
  record: (times: CallTimes, answer: Response | undefined) => void,
): Promise<Response> {
  const askedAt = Date.now();
  try {
    const answer = await call();
    record({ askedAt, answeredAt: Date.now(), ending: 'answered' }, answer);
    return answer;
  } catch (error) {
    const { code, reason } = toAppError(error);
    const ending = code === 'unavailable' ? 'cut' : 'refused';
    record({ askedAt, answeredAt: Date.now(), ending, reason }, undefined);
    throw error;
  }
}
