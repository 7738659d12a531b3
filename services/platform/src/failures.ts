import { channel } from 'node:diagnostics_channel';
import { toAppError } from './errors.ts';
import type { LogFields, Logger } from './logger.ts';

const faults = channel('aeo.fault');

/** Reports an internal error of a request to the logger of the process. Other errors are for the caller alone. */
export function reportFailure(error: unknown): void {
  if (toAppError(error).code === 'internal') faults.publish(error);
}

/** Logs every internal error reported in this process from now on. */
export function logFailures(logger: Logger): void {
  faults.subscribe((error) => logger.error('a request failed', failureFields(error)));
}

const framesMax = 4;

/** What may be logged of an internal error: its kind, its code (a SQLSTATE, for example) and its place. Never its message. */
export function failureFields(error: unknown): LogFields {
  const failure = toAppError(error);
  const cause = failure.cause instanceof Error ? failure.cause : failure;
  const { code } = cause as { code?: unknown };
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const at = frames.slice(0, framesMax).map((line) => line.trim());
  return { reason: failure.reason, fault: cause.name, ...(typeof code === 'string' ? { code } : {}), at };
}
