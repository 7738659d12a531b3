import { common } from '@aeo/proto';
import { revisionKey, type DecisionRow } from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';
import type { AssessEntry, TranscriptEntry } from './transcript.ts';

export type FreshnessRecords = {
  boundMs: number;
  decisions: readonly DecisionRow[];
  transcripts: readonly TranscriptEntry[];
};

/**
 * I2: a benefit rests on a status no older than T by the database's clock; a status that was older is named as the
 * reason; a decision that could not be recorded gives none; every declaration is answered in the end. What a node did between
 * two decisions, and how soon it answered, is not recorded.
 */
export function failsClosed({ boundMs, decisions, transcripts }: FreshnessRecords): Finding {
  const found = startComparison('I2');
  for (const decision of decisions) {
    benefitsAreFresh(found, decision, boundMs);
    stalenessIsNamed(found, decision, boundMs);
  }
  const assessed = transcripts.filter(isAssess);
  for (const { declarationId, version, answer } of assessed) {
    if (answer === undefined || answer.decidedAt !== undefined) continue;
    found.expect(!answer.benefit, 'a benefit that is not recorded', `${declarationId}/${version}`, answer);
  }
  everythingIsAnswered(found, assessed);
  return found.finding();
}

function benefitsAreFresh(found: Comparison, decision: DecisionRow, boundMs: number): void {
  const { decidedAt, asOf, credits } = decision;
  for (const { source } of credits) {
    const at = asOf[kindOf(source)];
    const fresh = at !== undefined && decidedAt - at <= boundMs;
    found.expect(fresh, 'a benefit on a stale status', revisionKey(decision), { source, decidedAt, asOf });
  }
}

/** The node's estimate of the time is rounded to a millisecond, and never behind the database's by more than that. */
const roundingMs = 1;

function stalenessIsNamed(found: Comparison, decision: DecisionRow, boundMs: number): void {
  const { evaluatedAt, asOf, matched, noBenefit } = decision;
  for (const kind of new Set(matched.map(({ source }) => kindOf(source)))) {
    const at = asOf[kind];
    const stale = at === undefined || evaluatedAt - at > boundMs + roundingMs;
    const named = noBenefit.includes(common.NoBenefitReason.STALE_STATUS);
    found.expect(!stale || named, 'a stale status that is not named', revisionKey(decision), {
      evaluatedAt,
      asOf,
      noBenefit,
    });
  }
}

/** A refusal for a fault of the request is an answer; a refusal because a service was unavailable is not. */
function everythingIsAnswered(found: Comparison, assessed: readonly AssessEntry[]): void {
  const byDeclaration = Map.groupBy(assessed, (entry) => `${entry.declarationId}/${entry.version}`);
  for (const [key, entries] of byDeclaration) {
    const answered = entries.some(({ ending, reason }) => ending === 'answered' || isRefusal(ending, reason));
    found.expect(answered, 'a declaration that was never answered', key, { asked: entries.length });
  }
}

const ourFaults = new Set<string | undefined>(['UNAVAILABLE', 'INTERNAL']);

function isRefusal(ending: AssessEntry['ending'], reason: string | undefined): boolean {
  return ending === 'refused' && !ourFaults.has(reason);
}

const kindOf = (source: string) => (source === 'registry' ? 'registry' : 'exchange');

export function isAssess(entry: TranscriptEntry): entry is AssessEntry {
  return entry.kind === 'assess';
}
