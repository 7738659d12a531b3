import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream } from 'pino';

/** Fields that a log line may have. All others are dropped: no name, number or document of a trader is logged. */
const allowedFields = new Set([
  'at',
  'attempt',
  'code',
  'dlq-offset',
  'dlq-partition',
  'dlq-topic',
  'durationMs',
  'fault',
  'grpcPort',
  'httpPort',
  'modelVersion',
  'namespace',
  'part',
  'reason',
  'rows',
  'tableVersion',
  'topic',
]);

export type LogFields = Record<string, unknown>;

export type Logger = Record<
  'debug' | 'info' | 'warn' | 'error',
  (message: string, fields?: LogFields) => void
>;

/** JSON lines on standard output, each with the trace it belongs to. */
export function createLogger(service: string, destination?: DestinationStream): Logger {
  const options = { base: { service }, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' };
  const log = destination ? pino(options, destination) : pino(options);
  const write =
    (level: keyof Logger) =>
    (message: string, fields: LogFields = {}) =>
      log[level]({ ...permitted(fields), ...traceOf() }, message);
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function permitted(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => allowedFields.has(name)));
}

function traceOf(): LogFields {
  const traceId = trace.getActiveSpan()?.spanContext().traceId;
  return traceId === undefined ? {} : { traceId };
}
