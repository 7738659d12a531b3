import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, toAppError } from '@aeo/platform/errors';
import type { BidiHandler } from '@aeo/platform/grpc';
import { withTrace } from '@aeo/platform/trace';
import { common, riskService } from '@aeo/proto';
import { requireModelBefore } from '../../application/scoring/require-model.ts';
import { scoreDeclaration } from '../../domain/scoring/declaration-score.ts';
import type { StoredModel } from '../../ports.ts';
import type { CompiledRules } from '../../application/rules/rule-messages.ts';
import { scorableItems } from '../scorable-items.ts';

export type ScoringPorts = {
  model: () => Promise<StoredModel | undefined>;
  rules: CompiledRules;
  now: () => Date;
  /** A clock that is never set back. */
  monotonicMs: () => number;
};

const itemsMax = 256;
const messagesAtOnceMax = 64;
/** After so long, scoring yields so that new messages are read and their deadlines count from their arrival. */
const sliceMs = 5;

type Handler = BidiHandler<riskService.ScoreStreamRequest, riskService.ScoreStreamResponse>;

/**
 * Answers each message with the answers to all its items; a bad item fails alone. Nothing is kept of what is scored,
 * probe or not: the decision is what counts, and it states whether it was a probe.
 */
export const scoreStream =
  (ports: ScoringPorts): Handler =>
  async ({ messages, send }) => {
    const inProgress = new Set<Promise<void>>();
    for await (const { items } of messages) {
      if (items.length > itemsMax)
        throw new AppError('invalid', 'BATCH_TOO_LARGE', `at most ${itemsMax} items a message`);
      const answered = answersTo(ports, items)
        .then((answers) => send({ answers }))
        .finally(() => inProgress.delete(answered));
      inProgress.add(answered);
      if (inProgress.size >= messagesAtOnceMax) await Promise.race(inProgress);
    }
    await Promise.all(inProgress);
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
  try {
    const model = await requireModelBefore(ports, deadlineMs === 0 ? undefined : receivedMs + deadlineMs);
    return { $case: 'score', value: scoreOf(declaration, model, ports) };
  } catch (error) {
    const { code, reason, message, fields } = toAppError(error);
    const detail = code === 'internal' ? '' : message;
    return { $case: 'problem', value: { code, reason, detail, fields: [...fields] } };
  }
}

function scoreOf(
  declaration: riskService.ScoreItem['declaration'],
  { modelId, version: modelVersion, scorecard }: StoredModel,
  { rules, now }: ScoringPorts,
): riskService.Score {
  const { base, itemIndex, contributions } = scoreDeclaration(
    scorecard,
    scorableItems(declaration, 'declaration'),
  );
  const itemNumber = declaration?.items[itemIndex]?.number ?? 0;
  return riskService.Score.fromPartial({
    scores: [{ purpose: common.Purpose.FISCAL_COMPLIANCE, base, itemNumber, modelId, modelVersion }],
    modelId,
    modelVersion,
    features: contributions,
    ruleHits: declaration === undefined ? [] : rules.hits(declaration, now()),
    ruleSetVersion: rules.version,
  });
}
