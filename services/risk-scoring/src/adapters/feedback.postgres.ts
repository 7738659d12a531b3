import { common } from '@aeo/proto';
import type { Database } from '@aeo/platform/postgres';
import type { FeedbackCount, Ports } from '../ports.ts';

export function postgresFeedback(database: Database): Pick<Ports, 'recordFeedback' | 'countFeedback'> {
  return {
    recordFeedback: async (feedback) => {
      await database.query(
        {
          name: 'feedback-insert',
          text: `INSERT INTO control_feedback (control_id, declaration_id, declared_on, kind, outcome, selection,
                   probability_ppm) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
        },
        [
          feedback.controlId,
          feedback.declarationId,
          feedback.declaredOn,
          feedback.kind,
          feedback.outcome,
          feedback.selection,
          feedback.probabilityPpm,
        ],
      );
    },
    countFeedback: async (from, until) => {
      const { rows } = await database.query<FeedbackCount>(
        `SELECT selection::integer AS selection, count(*) AS controls,
                count(*) FILTER (WHERE outcome <> $3) AS findings
         FROM control_feedback
         WHERE declared_on >= coalesce($1::date, '-infinity') AND declared_on <= coalesce($2::date, 'infinity')
         GROUP BY selection ORDER BY selection`,
        [from ?? null, until ?? null, common.ControlOutcome.CONFORM],
      );
      return rows;
    },
  };
}
