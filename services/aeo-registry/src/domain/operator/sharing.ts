import { consentKey, lookUp, type Certificate, type Operator } from './operator.ts';
import type { Consent, ProgrammeDefinition, Programmes } from '@aeo/programmes';

/** Whom abroad a certificate may be told: all partners, or those of these arrangements. */
export type Sharing = 'all' | readonly string[];

/** For what consents govern what partners are told; others govern other things. */
const purpose = 'mutualRecognition';

/**
 * Whom abroad a certificate may be told. Where its programme asks for consent, those for whom it was given and not
 * withdrawn; where the programme asks for none, everybody an arrangement is made with; nobody where the tier is not
 * for abroad, or nobody knows the rules it was granted under.
 */
export function sharingOf(
  certificate: Pick<Certificate, 'programmeId' | 'programmeVersion' | 'tier'>,
  { consents }: Pick<Operator, 'consents'>,
  programmes: Pick<Programmes, 'version'>,
): Sharing {
  const { programmeId, programmeVersion, tier } = certificate;
  const programme = programmes.version(programmeId, programmeVersion);
  if (programme === undefined || !isForAbroad(programme, tier)) return [];
  return programme.consents
    .filter((each) => each.purpose === purpose)
    .map((each) => given(each, programmeId, consents))
    .reduce<Sharing>(both, 'all');
}

function isForAbroad({ tiers }: Pick<ProgrammeDefinition, 'tiers'>, id: string): boolean {
  return tiers.find((tier) => tier.id === id)?.mraEligible !== false;
}

function given({ id, mode }: Consent, programmeId: string, consents: Operator['consents']): Sharing {
  const key = consentKey({ programmeId, consentId: id, arrangement: '' });
  if (mode === 'general') return lookUp(consents, key)?.given === true ? 'all' : [];
  return Object.entries(consents).flatMap(([held, consent]) =>
    consent.given && held.startsWith(key) ? [held.slice(key.length)] : [],
  );
}

/** Who is asked for several consents has to give each. */
function both(one: Sharing, other: Sharing): Sharing {
  if (one === 'all') return other;
  return other === 'all' ? one : one.filter((each) => other.includes(each));
}
