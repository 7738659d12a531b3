import { setTimeout as pause } from 'node:timers/promises';
import { noBenefitAfterSuspension } from './i1-suspension.ts';
import { failsClosed } from './i2-fail-closed.ts';
import { nothingAcceptedIsLost } from './i3-nothing-lost.ts';
import { oneEffect } from './i4-one-effect.ts';
import { ledgerIsDecisions } from './i5-ledger.ts';
import { versionsAreInOrder } from './i6-order.ts';
import { listsAreWhole } from './i7-lists.ts';
import { listsAreSane } from './i8-list-sanity.ts';
import { unreadableGivesNothing } from './i9-isolation.ts';
import { replayEquals } from './i10-replay.ts';
import { readAdministration, type AdministrationState } from './read-administration.ts';
import { reportOf, type AuditReport, type Finding } from './report.ts';
import type { Sources } from './sources.ts';
import type { TranscriptEntry } from './transcript.ts';

const settleWithinMs = 15_000;
const readAgainMs = 500;

/**
 * Compares what Postgres and the topics contain and what clients received. Work in progress, such as an outbox that is
 * being published, looks like a loss for a moment: while an invariant does not hold, everything is read again until
 * the time to settle is over. Wrong records stay wrong.
 *
 * @throws AppError `unavailable` when a database or the brokers do not answer
 */
export async function audit(sources: Sources): Promise<AuditReport> {
  const startedMs = performance.now();
  const endMs = startedMs + (sources.settleWithinMs ?? settleWithinMs);
  const transcripts: TranscriptEntry[] = [];
  for await (const entry of sources.transcripts) transcripts.push(entry);
  for (;;) {
    const states = await Promise.all(sources.administrations.map(readAdministration));
    const findings = states.flatMap((state) =>
      compare(state, transcripts.filter(belongsTo(state.name, sources)), sources),
    );
    const sound = findings.every(({ found }) => found === 0);
    if (sound || performance.now() > endMs) {
      const seconds = (performance.now() - startedMs) / 1000;
      return reportOf(findings, countedApart(states, transcripts), seconds);
    }
    await pause(readAgainMs);
  }
}

function belongsTo(name: string, { administrations }: Sources): (entry: TranscriptEntry) => boolean {
  const first = administrations[0]?.name;
  return ({ administration = first }) => administration === name;
}

function compare(
  state: AdministrationState,
  transcripts: readonly TranscriptEntry[],
  { boundMs, at = new Date() }: Pick<Sources, 'boundMs' | 'at'>,
): Finding[] {
  const { registry, exchange, clearance, topics } = state;
  const decisions = clearance?.decisions ?? [];
  const audited = registry?.audit ?? [];
  const { operators, partners } = topics;
  const registered = registry?.operators ?? [];
  const present = Object.entries({ registry, exchange, clearance }).filter((entry) => entry[1] !== undefined);
  const waiting = Object.fromEntries(present.map(([name, each]) => [name, each!.waiting]));
  const chains = present.flatMap(([, each]) => each!.chains);
  const suspensions = { audit: audited, epoch: registry?.epoch ?? 1, registered, operators, partners };
  return [
    noBenefitAfterSuspension({ ...suspensions, boundMs, decisions, transcripts }),
    failsClosed({ boundMs, decisions, transcripts }),
    nothingAcceptedIsLost({ registry, clearance, topics, waiting, transcripts }),
    oneEffect({ clearance, audit: audited, topics, transcripts }),
    ledgerIsDecisions({ clearance, topics, chains }),
    versionsAreInOrder({ registered, audit: audited, operators, partners }),
    listsAreWhole({ boundMs, decisions, partners, exchange }),
    ...(exchange === undefined ? [] : [listsAreSane(exchange)]),
    unreadableGivesNothing({ boundMs, decisions, operators, partners }),
    replayEquals({ ...state, at }),
  ];
}

function countedApart(
  states: readonly AdministrationState[],
  transcripts: readonly TranscriptEntry[],
): Record<string, number> {
  const unrecorded = transcripts.filter(
    (entry) => entry.kind === 'assess' && entry.answer !== undefined && entry.answer.decidedAt === undefined,
  );
  return {
    'answers that could not be recorded': unrecorded.length,
    'questions that were cut off': transcripts.filter(({ ending }) => ending === 'cut').length,
    'dead letters': states.reduce((sum, { topics }) => sum + topics.deadLetters.length, 0),
  };
}
