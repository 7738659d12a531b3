import { AppError, toAppError } from '@aeo/platform/errors';
import type { BidiHandler } from '@aeo/platform/grpc';
import { common, riskService } from '@aeo/proto';
import { observe } from '../domain/observation.ts';
import { baseScore, score } from '../domain/scorecard.ts';
import type { StoredModel } from '../ports.ts';
import type { CompiledRules } from '../rule-messages.ts';
import { scorableItems } from './scorable-items.ts';

const itemsMax = 256;

/** Answers each message with the answers to all its items; one bad item does not spoil the others. */
export const scoreStream =
  (
    model: () => Promise<StoredModel | undefined>,
    rules: CompiledRules,
    now: () => Date,
  ): BidiHandler<riskService.ScoreStreamRequest, riskService.ScoreStreamResponse> =>
  async ({ messages, send }) => {
    for await (const { items } of messages) {
      if (items.length > itemsMax)
        throw new AppError('invalid', 'BATCH_TOO_LARGE', `at most ${itemsMax} items a message`);
      const current = await model();
      await send({ answers: items.map((item) => answerTo(item, { model: current, rules, at: now() })) });
    }
  };

function answerTo(
  { requestId, declaration }: riskService.ScoreItem,
  scoring: { model: StoredModel | undefined; rules: CompiledRules; at: Date },
): riskService.ScoreAnswer {
  const { model, rules, at } = scoring;
  try {
    if (model === undefined) throw new AppError('unavailable', 'UNAVAILABLE', 'no model has been trained');
    return { requestId, result: { $case: 'score', value: scoreOf(declaration, { model, rules, at }) } };
  } catch (error) {
    const { code, reason, message, fields } = toAppError(error);
    const detail = code === 'internal' ? '' : message;
    return { requestId, result: { $case: 'problem', value: { code, reason, detail, fields: [...fields] } } };
  }
}

/** The declaration's base score is that of its highest item, and so are the features shown. */
function scoreOf(
  declaration: riskService.ScoreItem['declaration'],
  { model, rules, at }: { model: StoredModel; rules: CompiledRules; at: Date },
): riskService.Score {
  const scored = scorableItems(declaration, 'declaration').map((item) =>
    score(model.scorecard, observe(item)),
  );
  const highest = scored.reduce((best, each) => (each.probability > best.probability ? each : best));
  return riskService.Score.fromPartial({
    scores: [{ purpose: common.Purpose.FISCAL_COMPLIANCE, base: baseScore(highest.probability) }],
    modelId: model.modelId,
    modelVersion: model.version,
    features: highest.contributions,
    ruleHits: declaration === undefined ? [] : rules.hits(declaration, at),
    ruleSetVersion: rules.version,
  });
}
