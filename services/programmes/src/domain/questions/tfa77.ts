import type { Texts } from '../definition/definition.ts';
import type { ProgrammeDefinition } from '../definition/programme.ts';

/** The measures of article 7.7.3 of the WTO Trade Facilitation Agreement, of which a programme has three at least. */
export const measures = {
  a: 'low documentary and data requirements',
  b: 'low rate of physical inspections and examinations',
  c: 'rapid release time',
  d: 'deferred payment of duties, taxes, fees and charges',
  e: 'comprehensive or reduced guarantees',
  f: 'a single declaration for all imports or exports in a period',
  g: 'clearance at the premises of the operator or another authorised place',
} as const;

type Measure = keyof typeof measures;

const measuresLeast = 3;

export type Tfa77 = {
  programme: string;
  version: number;
  /** The benefits that grant each measure. */
  granted: Partial<Record<Measure, Texts[]>>;
  /** Three measures or more, of those the file knows. */
  isEnough: boolean;
};

/** Which measures a programme grants to a tier that can be held. */
export function tfa77Of({ id, version, benefits }: ProgrammeDefinition): Tfa77 {
  const granted: Tfa77['granted'] = {};
  for (const { tfa77, label } of benefits)
    if (isMeasure(tfa77)) granted[tfa77] = [...(granted[tfa77] ?? []), label];
  return { programme: id, version, granted, isEnough: Object.keys(granted).length >= measuresLeast };
}

function isMeasure(letter: string | undefined): letter is Measure {
  return letter !== undefined && Object.hasOwn(measures, letter);
}
