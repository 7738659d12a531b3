import { idPattern, isKnown } from '@aeo/platform/field-formats';
import { fieldProblems } from '@aeo/platform/field-problems';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { type clearanceService, common } from '@aeo/proto';
import type { DecisionStore } from '../../ports.ts';
import { bounds, isWithin, patterns } from '../../application/declaration/declaration-rules.ts';

/** Ninety days. */
const minutes = { minimum: 0, maximum: 60 * 24 * 90 };

/** Records the result of a control of goods that were decided here. */
export const recordControl =
  (
    store: Pick<DecisionStore, 'recordControl'>,
  ): UnaryHandler<clearanceService.RecordControlRequest, clearanceService.RecordControlResponse> =>
  async ({ controlId, declarationId, version, kind, outcome, durationMinutes, findingClass }) => {
    const { check, refuseAny } = fieldProblems();
    check(idPattern.test(controlId), 'controlId', 'FIELD_FORMAT');
    check(patterns.declarationId.test(declarationId), 'declarationId', 'FIELD_FORMAT');
    check(isWithin(version, bounds.version), 'version', 'FIELD_RANGE');
    check(isKnown(common.ControlKind, kind), 'kind', 'FIELD_UNKNOWN_VALUE');
    check(isKnown(common.ControlOutcome, outcome), 'outcome', 'FIELD_UNKNOWN_VALUE');
    check(isWithin(durationMinutes, minutes), 'durationMinutes', 'FIELD_RANGE');
    check(/^[a-z0-9-]{0,40}$/.test(findingClass), 'findingClass', 'FIELD_FORMAT');
    refuseAny();
    const control = { controlId, declarationId, version, kind, outcome, durationMinutes, findingClass };
    return { recordedAt: await store.recordControl(control) };
  };
