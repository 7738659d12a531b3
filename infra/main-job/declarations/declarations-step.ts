import { setTimeout as pause } from 'node:timers/promises';
import { assessEntry, type Transcript as Notes } from '../../auditor/transcript.ts';
import { loadTls, type TlsFiles } from '@aeo/platform/grpc';
import { common, type clearanceDecision, type clearanceService } from '@aeo/proto';
import type { Endpoints } from '../../local/stack-types.ts';
import type { HeldCertificate } from '../certification/certify.ts';
import { clearanceClient, type ClearanceClient } from './clearance-client.ts';
import { homeIdentifier } from './declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { followDecisions, type DecisionFollower } from './follow-decisions.ts';
import type { Disturbance } from '../services/kill-services.ts';
import type { HomeAccess } from '../services/home-services.ts';
import type { Progress } from '../progress.ts';
import { sendDeclarations, type Transcript } from './send-declarations.ts';
import { runTrials, trialSubjects, type RunTrial } from '../suspension-trials/trials.ts';

export type DeclarationsOutcome = { transcript: Transcript; trials: RunTrial[]; controls: number };

export type DeclarationsInput = {
  rows: DeclarationRow[];
  /** Certificates that may be suspended for a while: they give a benefit, and the programme foresees it at once. */
  onTrial: readonly HeldCertificate[];
  /** An operator of the partner's list that must be visible first; absent where the list is empty. */
  recognised: common.Identifier | undefined;
  rate: number;
  seed: number;
  /** Takes what every client asks and gets. */
  notes: Notes;
  /** What happens to the services meanwhile. */
  disturbance: Disturbance | undefined;
};

const { PartyRole } = common;
const trialsShown = 50;
const warmUpMs = 3_000;

/**
 * Declarations arrive at their rate; every inspection ordered is answered by a control result; meanwhile operators
 * are suspended and reinstated. Ends when every answer and every result is in.
 */
export async function runDeclarations(
  stack: Pick<Endpoints, 'kafkaBrokers'>,
  services: HomeAccess,
  tls: TlsFiles,
  input: DeclarationsInput,
  progress: Progress,
): Promise<DeclarationsOutcome> {
  const { notes, disturbance } = input;
  const clearance = clearanceClient(services.clearance.address, tls, notes);
  const controls = controlDesk(clearance, input.rows);
  const follower = await followDecisions(stack, controls.order);
  const flowing = new AbortController();
  try {
    await untilFresh(clearance, input);
    const subjects = trialSubjects(input.rows, input.onTrial, input.seed);
    const trials = runTrials({
      registryAddress: services.registry.address,
      tls: loadTls(services.tlsDirectory, 'officer'),
      clearance: { ...clearance, probe: awaitingRecords(clearance, follower) },
      transcript: notes,
      subjects,
      signal: flowing.signal,
      progress: progress.step('suspension trials', trialsShown),
    });
    // Whatever ends them is told below, when the declarations are through; until then nobody waits for them.
    trials.catch(() => undefined);
    // Processes that have just started compile their code on the first requests: probes take that on themselves.
    await pause(warmUpMs);
    const progressed = progress.step('declarations', input.rows.length);
    const transcript = await sendDeclarations(() => clearance.openStream(), input.rows, {
      perSecond: input.rate,
      unansweredMax: 500,
      deadlineMs: 5_000,
      silenceMaxMs: 20_000,
      reconnectMs: 250,
      patienceMs: 60_000,
      onDecision: (row, response) => {
        notes.note(answeredEntry(row, response));
        // A control is recorded on a decision that is: one that could not be recorded yet comes by the topic once it is.
        if (response.decidedAt === undefined) follower.awaitRecord(row.declarationId);
        else controls.order(response.decision);
      },
      progress: (decided) => {
        progressed(decided);
        disturbance?.decided(decided);
      },
    });
    await disturbance?.over();
    flowing.abort();
    const run = await trials;
    await follower.caughtUp();
    return { transcript, trials: run, controls: await controls.done() };
  } finally {
    flowing.abort();
    await follower.stop();
    await clearance.stop();
  }
}

function awaitingRecords(clearance: ClearanceClient, follower: DecisionFollower): ClearanceClient['probe'] {
  return async (declarationId, ...rest) => {
    const answer = await clearance.probe(declarationId, ...rest);
    if (answer.decidedAt === undefined) follower.awaitRecord(declarationId);
    return answer;
  };
}

/** When each was asked is the stream's own matter. */
function answeredEntry({ declarationId }: DeclarationRow, response: clearanceService.AssessResponse) {
  const answeredAt = Date.now();
  const asked = { askedAt: answeredAt, answeredAt, ending: 'answered' as const };
  return assessEntry({ declarationId, version: 1 }, asked, response);
}

type Decision = clearanceDecision.Decision;

/** Sends the goods of every red decision to control, once each, and tries again until the result is recorded. */
function controlDesk(clearance: ClearanceClient, rows: DeclarationRow[]) {
  const byId = new Map(rows.map((row) => [row.declarationId, row]));
  const ordered = new Map<string, Promise<void>>();
  const attemptsMax = 150;
  const send = async (row: DeclarationRow) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await clearance.recordControl(row);
      } catch (error) {
        if (attempt >= attemptsMax) throw error;
        await pause(200);
      }
    }
  };
  return {
    order: (decision: Decision | undefined) => {
      if (decision?.lane !== common.Lane.RED || decision.probe || ordered.has(decision.declarationId)) return;
      const row = byId.get(decision.declarationId);
      if (row === undefined) return;
      const sent = send(row);
      sent.catch(() => undefined);
      ordered.set(decision.declarationId, sent);
    },
    done: async () => {
      await Promise.all(ordered.values());
      return ordered.size;
    },
  };
}

const freshWaitMs = 60_000;

/** A node that has just started knows no status yet; declarations would be decided without benefits. */
async function untilFresh(
  clearance: ClearanceClient,
  { rows, recognised }: DeclarationsInput,
): Promise<void> {
  const [row] = rows;
  if (row === undefined) return;
  const endMs = Date.now() + freshWaitMs;
  const sees = async (identifier: common.Identifier, role: common.PartyRole) => {
    const answer = await clearance.priority(identifier, role, row).catch(() => undefined);
    return answer?.noBenefit.length === 0 && (role === PartyRole.IMPORTER || answer.priority);
  };
  for (;;) {
    const home = await sees(homeIdentifier(row.importer), PartyRole.IMPORTER);
    const abroad = recognised === undefined || (await sees(recognised, PartyRole.SELLER));
    if (home && abroad) return;
    if (Date.now() > endMs)
      throw new Error(
        `clearance-priority has no fresh status of ${home ? 'the partner' : 'our registry'} after ${freshWaitMs / 1_000} s`,
      );
    await pause(100);
  }
}
