import { clearanceDecision } from '../vocabulary.ts';
import type { Decision } from './settle.ts';

/** A decision with its exact bytes and the database's clock at the commit; no clock where it is not recorded. */
export type Recorded = {
  readonly bytes: Uint8Array;
  readonly decision: Decision;
  readonly decidedAt: Date | undefined;
};

/** A decision from storage, decoded when its content is first read. */
export function recordedFrom(bytes: Uint8Array, decidedAt: Date): Recorded {
  let decoded: Decision | undefined;
  return {
    bytes,
    decidedAt,
    get decision() {
      return (decoded ??= clearanceDecision.Decision.decode(bytes));
    },
  };
}
