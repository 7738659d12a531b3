import type { UnaryHandler } from '@aeo/platform/grpc';
import type { clearanceService } from '@aeo/proto';
import { common } from '@aeo/proto';
import type { DecisionStore } from '../ports.ts';
import { invalid, isKnown } from './read-declaration.ts';

const minutesMax = 60 * 24 * 90;

/** Takes the result of a control of goods that were decided here. */
export const recordControl =
  (
    store: Pick<DecisionStore, 'recordControl'>,
  ): UnaryHandler<clearanceService.RecordControlRequest, clearanceService.RecordControlResponse> =>
  async ({ controlId, declarationId, version, kind, outcome, durationMinutes, findingClass }) => {
    const fields: { path: string; code: string }[] = [];
    const check = (holds: boolean, path: string, code: string) => {
      if (!holds) fields.push({ path, code });
    };
    check(/^[A-Za-z0-9-]{1,80}$/.test(controlId), 'controlId', 'FIELD_FORMAT');
    check(/^[A-Za-z0-9-]{1,64}$/.test(declarationId), 'declarationId', 'FIELD_FORMAT');
    check(version >= 1, 'version', 'FIELD_RANGE');
    check(isKnown(common.ControlKind, kind), 'kind', 'FIELD_UNKNOWN_VALUE');
    check(isKnown(common.ControlOutcome, outcome), 'outcome', 'FIELD_UNKNOWN_VALUE');
    check(durationMinutes >= 0 && durationMinutes <= minutesMax, 'durationMinutes', 'FIELD_RANGE');
    check(/^[a-z0-9-]{0,40}$/.test(findingClass), 'findingClass', 'FIELD_FORMAT');
    if (fields.length > 0) throw invalid(fields);
    const control = { controlId, declarationId, version, kind, outcome, durationMinutes, findingClass };
    return { recordedAt: await store.recordControl(control) };
  };
