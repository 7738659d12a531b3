import { AppError } from '@aeo/platform/errors';
import type { OutboxEvent, OutboxRow } from '@aeo/platform/outbox';
import type { Database, Transaction } from '@aeo/platform/postgres';
import { clearanceControl, clearanceDecision, topics } from '@aeo/proto';
import type { ControlRecord } from '../ports.ts';

const insertControl = {
  name: 'control-insert',
  text: `INSERT INTO control (control_id, declaration_id, version, kind, outcome, duration_minutes, finding_class, probe)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (control_id) DO NOTHING RETURNING recorded_at`,
};

// The row that new revisions take in turn with controls: from here on no decision on these goods is re-evaluated.
const holdDecision = {
  name: 'control-hold-decision',
  text: 'UPDATE decision_key SET controlled = true WHERE declaration_id = $1 AND version = $2 AND revision = 1',
};

const closeDecision = {
  name: 'control-close-decision',
  text: 'DELETE FROM provisional WHERE declaration_id = $1 AND version = $2',
};

const insertOutbox = {
  name: 'control-outbox',
  text: `INSERT INTO outbox (event_id, topic, partition, key, value, headers) VALUES ($1, $2, $3, $4, $5, $6)`,
};

/** Stores a control and publishes it; the same control again is answered like the first. */
export function recordControl(
  database: Database,
  outboxRow: (event: OutboxEvent) => OutboxRow,
  control: ControlRecord,
): Promise<Date> {
  return database.transaction(async (transaction) => {
    const goods = [control.declarationId, control.version];
    await transaction.query(holdDecision, goods);
    const decision = await decisionOf(transaction, control);
    await transaction.query(closeDecision, goods);
    const { controlId, declarationId, version, kind, outcome, durationMinutes, findingClass } = control;
    const values = [controlId, declarationId, version, kind, outcome, durationMinutes, findingClass];
    const inserted = await transaction.query<{ recorded_at: Date }>(insertControl, [
      ...values,
      decision.probe,
    ]);
    const completedAt = inserted.rows[0]?.recorded_at;
    if (completedAt === undefined) return alreadyRecorded(transaction, control);
    const value = clearanceControl.ControlResult.encode(resultOf(control, decision, completedAt)).finish();
    const event = { topic: topics.control.name, key: declarationId, value, eventType: 'ControlRecorded' };
    await transaction.query(insertOutbox, outboxRow(event));
    return completedAt;
  });
}

async function decisionOf(
  transaction: Transaction,
  control: ControlRecord,
): Promise<clearanceDecision.Decision> {
  const { rows } = await transaction.query<{ record: Buffer }>(
    {
      name: 'control-decision',
      text: 'SELECT record FROM ledger WHERE declaration_id = $1 AND version = $2 ORDER BY revision DESC LIMIT 1',
    },
    [control.declarationId, control.version],
  );
  if (rows[0] === undefined) throw new AppError('not_found', 'NOT_FOUND', 'no decision on this declaration');
  return clearanceDecision.Decision.decode(rows[0].record);
}

async function alreadyRecorded(transaction: Transaction, control: ControlRecord): Promise<Date> {
  const { declarationId, version, kind, outcome, durationMinutes, findingClass } = control;
  const { rows } = await transaction.query<{ recorded_at: Date }>(
    `SELECT recorded_at FROM control WHERE control_id = $1 AND (declaration_id, version, kind, outcome,
       duration_minutes, finding_class) = ($2, $3, $4, $5, $6, $7)`,
    [control.controlId, declarationId, version, kind, outcome, durationMinutes, findingClass],
  );
  if (rows[0]) return rows[0].recorded_at;
  throw new AppError('conflict', 'KEY_REUSED', 'this control id was used for another result', {
    fields: [{ path: 'controlId', code: 'KEY_REUSED' }],
  });
}

function resultOf(
  control: ControlRecord,
  decision: clearanceDecision.Decision,
  completedAt: Date,
): clearanceControl.ControlResult {
  return clearanceControl.ControlResult.fromPartial({
    ...control,
    completedAt,
    selection: decision.selection,
    selectionProbabilityPpm: decision.draw?.probabilityPpm ?? 0,
    parties: decision.matches.flatMap(({ role, identifier, source, operatorId }) =>
      identifier === undefined
        ? []
        : [{ role, identifier, operatorId: source === 'registry' ? operatorId : '' }],
    ),
    declaredOn: decision.declaredOn,
    probe: decision.probe,
  });
}
