import { setTimeout as pause } from 'node:timers/promises';
import { assessEntry } from '../../auditor/transcript.ts';
import { loadTls } from '@aeo/platform/grpc';
import { common, type clearanceDecision, type clearanceService } from '@aeo/proto';
import type { Certified } from '../certification/certify.ts';
import { certificatesOnTrial } from '../certification/programme-figures.ts';
import { exchangeAgain } from '../exchange/exchange-step.ts';
import type { Job } from '../job.ts';
import { clearanceClient, type ClearanceClient } from './clearance-client.ts';
import { homeIdentifier } from './declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { followDecisions, type DecisionFollower } from './follow-decisions.ts';
import { killServicesInTurn, type ServiceKills } from '../services/kill-services.ts';
import { sendDeclarations, type SendingResult } from './send-declarations.ts';
import { runTrials, trialSubjects, type RunTrial } from '../suspension-trials/trials.ts';

export type DeclarationsOutcome = { sent: SendingResult; trials: RunTrial[]; controls: number };

const { PartyRole } = common;
const trialsShown = 50;
const warmUpMs = 3_000;

/**
 * Declarations arrive at their rate; every inspection ordered is answered by a control result; meanwhile operators
 * are suspended and reinstated. Ends when every answer and every result has arrived.
 *
 * @param recognised an operator of the partner's list that must be visible first; absent where the list is empty
 */
export async function runDeclarations(
  job: Job,
  certified: Certified,
  recognised: common.Identifier | undefined,
): Promise<DeclarationsOutcome> {
  const { site, inputs, options, progress, transcript } = job;
  const { home } = job.services;
  const { rows } = inputs.declarations;
  const kills = serviceKills(job);
  const clearance = clearanceClient(
    home.clearance.address,
    loadTls(home.tlsDirectory, 'border-system'),
    transcript,
  );
  const controls = controlDesk(clearance, rows);
  const follower = await followDecisions(site, controls.order);
  const flowing = new AbortController();
  try {
    await untilFresh(clearance, rows, recognised);
    const onTrial = certificatesOnTrial(inputs.programmes.runs, certified);
    const trials = runTrials({
      registryAddress: home.registry.address,
      tls: loadTls(home.tlsDirectory, 'officer'),
      clearance: { ...clearance, probe: awaitingRecords(clearance, follower) },
      transcript,
      subjects: trialSubjects(rows, onTrial, options.seed),
      signal: flowing.signal,
      progress: progress.step('suspension trials', trialsShown),
    });
    // A failure is thrown below, when the declarations are decided.
    trials.catch(() => undefined);
    // Processes that have just started compile their code on the first requests, which should be probes.
    await pause(warmUpMs);
    const onProgress = progress.step('declarations', rows.length);
    const sent = await sendDeclarations(() => clearance.openStream(), rows, {
      perSecond: options.rate,
      unansweredMax: 500,
      deadlineMs: 5_000,
      silenceMaxMs: 20_000,
      reconnectMs: 250,
      patienceMs: 60_000,
      onDecision: (row, response) => {
        transcript.record(answeredEntry(row, response));
        // A control needs a recorded decision: one that is not recorded yet arrives by the topic.
        if (response.decidedAt === undefined) follower.awaitRecord(row.declarationId);
        else controls.order(response.decision);
      },
      progress: (decided) => {
        onProgress(decided);
        kills?.onDecided(decided);
      },
    });
    await kills?.done();
    flowing.abort();
    const endedTrials = await trials;
    await follower.caughtUp();
    return { sent, trials: endedTrials, controls: await controls.done() };
  } finally {
    flowing.abort();
    await follower.stop();
    await clearance.stop();
  }
}

/** With `--kill-services`, the kills that are spread over the declarations. */
function serviceKills({ services, inputs, options }: Job): ServiceKills | undefined {
  const { home, partner, supervised } = services;
  if (!options.killServices || supervised === undefined) return undefined;
  return killServicesInTurn({
    services: supervised,
    declarations: inputs.declarations.rows.length,
    log: (line) => void process.stdout.write(`${line}\n`),
    afterEach: () => (partner === undefined ? Promise.resolve() : exchangeAgain(home, partner)),
  });
}

function awaitingRecords(clearance: ClearanceClient, follower: DecisionFollower): ClearanceClient['probe'] {
  return async (declarationId, ...rest) => {
    const answer = await clearance.probe(declarationId, ...rest);
    if (answer.decidedAt === undefined) follower.awaitRecord(declarationId);
    return answer;
  };
}

/** The stream does not report when each request was sent, so the entry has the time of the answer only. */
function answeredEntry({ declarationId }: DeclarationRow, response: clearanceService.AssessResponse) {
  const answeredAt = Date.now();
  const asked = { askedAt: answeredAt, answeredAt, ending: 'answered' as const };
  return assessEntry({ declarationId, version: 1 }, asked, response);
}

type Decision = clearanceDecision.Decision;

/** Records a control for every red decision, once each, and retries until it is recorded. */
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
  rows: DeclarationRow[],
  recognised: common.Identifier | undefined,
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
