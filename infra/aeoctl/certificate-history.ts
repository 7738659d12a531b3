import { isDay } from '@aeo/programmes';
import { type CertificateHistory } from '@aeo/aeo-registry';
import { CommandError, readArguments, type Answer } from './command.ts';
import { getFromRegistry, registryOptions } from './registry.ts';

type HistoryAnswer = { operatorId: string; asOf: string; knownAt: string } & {
  certificate: CertificateHistory['certificate'] | null;
  entries: CertificateHistory['entries'];
};

/** How a certificate stood at one instant as it was known at another, and what happened to it. */
export async function historyCommand(args: readonly string[]): Promise<Answer> {
  const { files, flags } = readArguments(args, ['as-of', 'known-at', ...registryOptions], {
    least: 1,
    most: 1,
    what: 'certificate id',
  });
  const [certificateId = ''] = files;
  const query = new URLSearchParams({
    ...instantOf('asOf', flags['as-of'], '--as-of'),
    ...instantOf('knownAt', flags['known-at'], '--known-at'),
  });
  const path = `/v1/certificates/${encodeURIComponent(certificateId)}/history?${query.toString()}`;
  const history = (await getFromRegistry(flags, path)) as HistoryAnswer;
  return { text: textOf(certificateId, history), json: history, code: 0 };
}

/** A day stands for its first instant in UTC. */
function instantOf(name: string, given: string | undefined, option: string): Record<string, string> {
  if (given === undefined) return {};
  const instant = new Date(given);
  const isInstant = /^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:\d{2}))?$/.test(given);
  // Of a day that there is not, Date makes another.
  if (!isInstant || !isDay(given.slice(0, 10)) || Number.isNaN(instant.getTime()))
    throw new CommandError(`${option} takes a day or an instant with its zone, as 2026-03-01T09:00:00Z.`, 2);
  return { [name]: instant.toISOString() };
}

function textOf(
  certificateId: string,
  { operatorId, asOf, knownAt, certificate, entries }: HistoryAnswer,
): string {
  const state =
    certificate == null
      ? 'not there yet'
      : `${certificate.status} in ${certificate.programmeId} version ${certificate.programmeVersion}, tier ${certificate.tier}, since ${certificate.effectiveFrom}, until ${certificate.validUntil ?? 'an act ends it'}`;
  const rows = entries.map(
    ({ type, decidedAt, notifiedAt, effectiveFrom, recordedAt, by, reason, reasonId }) =>
      `  ${type} by ${by || 'an officer'}${reason === null ? '' : `: ${reason}`}${reasonId === null ? '' : ` [${reasonId}]`}\n` +
      `    decided ${decidedAt}  notified ${notifiedAt ?? 'not recorded'}  effective ${effectiveFrom}  recorded ${recordedAt}`,
  );
  return [
    `${certificateId} of ${operatorId}, as of ${asOf}, as known at ${knownAt}:`,
    `  ${state}`,
    ...rows,
  ].join('\n');
}
