import { settle, type Decision } from './settle.ts';

/** Decides again from the record and nothing else; equal to the record unless it was tampered with. */
export function replay(record: Decision): Decision {
  return settle({ ...record, assessments: record.assessments.map((held) => ({ ...held })) });
}
