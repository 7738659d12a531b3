import type { UnaryHandler } from '@aeo/platform/grpc';
import type { common, riskService } from '@aeo/proto';
import type { Ports } from '../../ports.ts';
import { isStorableDay } from '../declaration-problems.ts';
import { invalid } from '@aeo/platform/field-problems';

type Handler = UnaryHandler<riskService.GetFeedbackRequest, riskService.GetFeedbackResponse>;

export const getFeedback =
  ({ countFeedback }: Pick<Ports, 'countFeedback'>): Handler =>
  async ({ from, until }) => {
    const wrong = Object.entries({ from, until }).filter(([, day]) => day !== '' && !isStorableDay(day));
    if (wrong.length > 0) throw invalid(wrong.map(([path]) => ({ path, code: 'FIELD_FORMAT' })));
    const counts = await countFeedback(from || undefined, until || undefined);
    return {
      counts: counts.map(({ selection, ...count }) => ({
        selection: selection as common.SelectionReason,
        ...count,
      })),
    };
  };
