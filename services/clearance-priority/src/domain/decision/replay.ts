import { settle, type Decision } from './settle.ts';

/** Replays a decision from its record alone; equal to the record unless that was tampered with. */
export function replay(record: Decision): Decision {
  return settle({ ...record, assessments: record.assessments.map((held) => ({ ...held })) });
}
