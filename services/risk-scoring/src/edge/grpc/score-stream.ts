import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { BidiHandler } from '@aeo/platform/grpc';
import { withTrace } from '@aeo/platform/trace';
import { common, riskService } from '@aeo/proto';
import { observe } from '../../domain/scoring/observation.ts';
import { baseScore, score } from '../../domain/scoring/scorecard.ts';
import type { StoredModel } from '../../ports.ts';
import type { CompiledRules } from '../../application/rules/rule-messages.ts';
import { scorableItems } from '../../application/scoring/scorable-items.ts';

export type ScoringPorts = {
  model: () => Promise<StoredModel | undefined>;
  rules: CompiledRules;
  now: () => Date;
  /** A clock that is never set back. */
  monotonicMs: () => number;
};

const itemsMax = 256;
const messagesUnderWayMax = 64;
/** Scoring lets messages in after so long, so that their deadlines are counted from their arrival. */
const sliceMs = 5;

type Handler = BidiHandler<riskService.ScoreStreamRequest, riskService.ScoreStreamResponse>;

/**
 * Answers each message with the answers to all its items; one bad item does not spoil the others. Nothing is kept of
 * what is scored, probe or not: what counts is the decision, which says whether it was a probe.
 */
export const scoreStream =
  (ports: ScoringPorts): Handler =>
  async ({ messages, send }) => {
    const underWay = new Set<Promise<void>>();
    for await (const { items } of messages) {
      if (items.length > itemsMax)
        throw new AppError('invalid', 'BATCH_TOO_LARGE', `at most ${itemsMax} items a message`);
      const answered = answersTo(ports, items)
        .then((answers) => send({ answers }))
        .finally(() => underWay.delete(answered));
      underWay.add(answered);
      if (underWay.size >= messagesUnderWayMax) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  };

async function answersTo(
  ports: ScoringPorts,
  items: readonly riskService.ScoreItem[],
): Promise<riskService.ScoreAnswer[]> {
  const receivedMs = ports.monotonicMs();
  let sliceStartedMs = receivedMs;
  const answers: riskService.ScoreAnswer[] = [];
  for (const item of items) {
    if (ports.monotonicMs() - sliceStartedMs >= sliceMs) {
      await nextTurn();
      sliceStartedMs = ports.monotonicMs();
    }
    const result = await withTrace(item.traceparent, () => resultOf(ports, item, receivedMs));
    answers.push({ requestId: item.requestId, result });
  }
  return answers;
}

async function resultOf(
  ports: ScoringPorts,
  { declaration, deadlineMs }: riskService.ScoreItem,
  receivedMs: number,
): Promise<NonNullable<riskService.ScoreAnswer['result']>> {
  // Nobody waits any more: work on it would only make the next ones late.
  const requireInTime = () => {
    if (deadlineMs !== 0 && ports.monotonicMs() - receivedMs >= deadlineMs)
      throw new AppError('unavailable', 'UNAVAILABLE', 'the deadline has passed');
  };
  try {
    requireInTime();
    const model = await ports.model();
    requireInTime();
    if (model === undefined) throw new AppError('unavailable', 'UNAVAILABLE', 'no model has been trained');
    return { $case: 'score', value: scoreOf(declaration, model, ports) };
  } catch (error) {
    const { code, reason, message, fields } = toAppError(error);
    const detail = code === 'internal' ? '' : message;
    return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
  }
}

/** The declaration's base score is that of its highest item, and so are the features shown. */
function scoreOf(
  declaration: riskService.ScoreItem['declaration'],
  model: StoredModel,
  { rules, now }: ScoringPorts,
): riskService.Score {
  const scored = scorableItems(declaration, 'declaration').map((item, index) => ({
    ...score(model.scorecard, observe(item)),
    itemNumber: declaration?.items[index]?.number ?? 0,
  }));
  const highest = scored.reduce((best, each) => (each.probability > best.probability ? each : best));
  const by = { modelId: model.modelId, modelVersion: model.version };
  const { itemNumber } = highest;
  const base = baseScore(highest.probability);
  return riskService.Score.fromPartial({
    scores: [{ purpose: common.Purpose.FISCAL_COMPLIANCE, base, itemNumber, ...by }],
    ...by,
    features: highest.contributions,
    ruleHits: declaration === undefined ? [] : rules.hits(declaration, now()),
    ruleSetVersion: rules.version,
  });
}
