import type { ApplicationContext } from './application-context.ts';
import { endContinuations } from './end-application.ts';
import type { Proposal } from './application.ts';
import { reapplicationBar, renewedCertificateBar } from '../certificate/certificate-policy.ts';
import { endOfTerm } from '../certificate/certificate-dates.ts';
import { accepted, refused, isEqual, todayOf, type Decision } from '../operator/decision.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { CriterionResult, DecidedOn, Event } from '../operator/event.ts';
import { decisionStepOf, openSteps } from './application-steps.ts';
import { certificatesOf } from '../operator/operator.ts';
import { firmCaseOf } from '../operator/firm-case.ts';
import { dayIn, decideCase, type CaseDecision, type Tier } from '@aeo/programmes';
import { resultsOf } from './criterion-results.ts';

type DecisionTarget = { applicationId: string; certificateId: string };
type Found = { decision: CaseDecision; decidedOn: DecidedOn; tiers: Tier[] };

/**
 * What one person decides: the programme says what comes out. Where it grants nothing that is the decision; a grant is
 * a proposal, until a second person approves it.
 */
export function propose({ applicationId }: DecisionTarget, applicationContext: ApplicationContext): Decision {
  const { application, state, context } = applicationContext;
  if (application.status === 'granted' || application.status === 'refused') return accepted();
  const obstacle = obstacleTo(applicationContext);
  if (obstacle !== undefined) return obstacle;
  const found = foundBy(applicationContext);
  const { now: at, actor: by } = context;
  const results = resultsOf(found.decision);
  // The same person proposes again on unchanged facts: there is nothing new to record.
  if (application.proposal?.by === by && isSameAsProposed(application.proposal, results, found))
    return accepted();
  if (found.tiers.length > 0)
    return accepted({ type: 'GrantProposed', at, applicationId, by, results, tiers: found.decision.tiers });
  const { decidedOn } = found;
  return accepted(
    ...decisionTaken(applicationId, 'refused', applicationContext),
    { type: 'ApplicationRefused', at, applicationId, results, decidedOn, by },
    ...endContinuations(applicationId, state, at),
  );
}

/** A second person confirms what the first one found, on what is known now. */
export function approve(
  { applicationId, certificateId }: DecisionTarget,
  applicationContext: ApplicationContext,
): Decision {
  const { application, state, context } = applicationContext;
  const { proposal, status } = application;
  if (status === 'granted' && application.decidedBy[1] === context.actor) return accepted();
  if (status !== 'submitted' || proposal === null) return refused('OUT_OF_ORDER');
  if (proposal.by === context.actor) return refused('SAME_PERSON');
  const obstacle = obstacleTo(applicationContext);
  if (obstacle !== undefined) return obstacle;
  const found = foundBy(applicationContext);
  const results = resultsOf(found.decision);
  if (!isSameAsProposed(proposal, results, found)) return refused('PROPOSAL_OUTDATED');
  const grants = grantsOf(found, certificateId, applicationId, applicationContext);
  const { now: at, actor: approvedBy } = context;
  return accepted(
    ...decisionTaken(applicationId, 'granted', applicationContext),
    {
      type: 'ApplicationGranted',
      at,
      applicationId,
      results,
      decidedOn: found.decidedOn,
      certificateIds: grants.map(({ id }) => id),
      proposedBy: proposal.by,
      approvedBy,
    },
    ...grants.map(({ event }) => event),
    ...endContinuations(applicationId, state, at).filter(
      (each) => !grants.some(({ id, event }) => event.type === 'CertificateRenewed' && isOf(each, id)),
    ),
  );
}

function isSameAsProposed(
  { results, tiers }: Proposal,
  found: CriterionResult[],
  { decision }: Found,
): boolean {
  return isEqual(found, results) && isEqual(decision.tiers, tiers);
}

function isOf(event: Event, id: string): boolean {
  return 'certificateId' in event && event.certificateId === id;
}

/** What stands against a decision now: steps that are missing, or a certificate that came, or was lost, meanwhile. */
function obstacleTo({ application, state, programme, context }: ApplicationContext): Decision | undefined {
  if (application.status !== 'submitted') return refused('OUT_OF_ORDER');
  const step = decisionStepOf(programme);
  if (step !== undefined && !openSteps(programme, application).includes(step))
    return refused('STEP_NOT_OPEN');
  const certificates = certificatesOf(state, programme.id);
  // The window was open when the renewal was lodged; what was lost since then is not renewed.
  const bar = application.renewal
    ? renewedCertificateBar(programme, certificates, context.now, application)
    : reapplicationBar(programme, certificates, context.now, application);
  return bar === undefined ? undefined : refused(bar);
}

function foundBy({ application, state, programme, context }: ApplicationContext): Found {
  const firm = firmCaseOf(state, programme, todayOf(programme, context), application);
  const decision = decideCase(programme, firm, context.evaluate);
  const tiers = programme.components.flatMap(({ id: component }) =>
    programme.tiers.filter(
      ({ id, polarity, entry }) =>
        id === decision.tiers[component] &&
        polarity === 'granted' &&
        (entry !== 'designate' || application.designatedFor.includes(id)),
    ),
  );
  const decidedOn = { programmeId: programme.id, programmeVersion: programme.version, firm };
  return { decision, decidedOn, tiers };
}

function decisionTaken(
  applicationId: string,
  as: 'granted' | 'refused',
  { programme, context }: ApplicationContext,
): Event[] {
  const step = decisionStepOf(programme);
  const outcome = step?.outcomes.find((each) => each === as) ?? step?.outcomes[as === 'granted' ? 0 : 1];
  if (step === undefined || outcome === undefined) return [];
  const taken = { step: step.id, outcome, on: todayOf(programme, context), by: context.actor };
  return [{ type: 'StepTaken', at: context.now, applicationId, taken }];
}

/** A certificate for each component in which a tier was reached: a new one, or another tier or term of the one held. */
function grantsOf(
  { tiers }: Found,
  certificateId: string,
  applicationId: string,
  applicationContext: ApplicationContext,
): { id: string; event: Event }[] {
  let isFirst = true;
  return tiers.map((tier) => {
    const held = heldOf(tier, applicationContext);
    if (held !== undefined)
      return { id: held.certificateId, event: changeOf(held, tier, applicationContext) };
    const id = isFirst ? certificateId : `${certificateId}-${tier.component}`;
    isFirst = false;
    return { id, event: grantOf(tier, id, applicationId, applicationContext) };
  });
}

function heldOf({ component }: Tier, { state, programme }: ApplicationContext): Certificate | undefined {
  return certificatesOf(state, programme.id).find(
    (each) => each.component === component && (each.status === 'active' || each.status === 'suspended'),
  );
}

function grantOf(
  tier: Tier,
  certificateId: string,
  applicationId: string,
  { programme, context }: ApplicationContext,
): Event {
  const { now: at } = context;
  const { purposes = [] } = programme.components.find(({ id }) => id === tier.component) ?? {};
  const granted = {
    certificateId,
    programmeId: programme.id,
    programmeVersion: programme.version,
    component: tier.component,
    purposes: [...purposes],
    tier: tier.id,
    credits: tier.credits,
  };
  const validUntil = endOfTerm(programme, tier.id, todayOf(programme, context));
  return { type: 'CertificateGranted', at, applicationId, granted, effectiveFrom: at, validUntil };
}

function changeOf(held: Certificate, tier: Tier, { programme, context }: ApplicationContext): Event {
  const { now: at } = context;
  const { certificateId, validUntil: end } = held;
  const { version: programmeVersion } = programme;
  if (tier.id === held.tier) {
    const from =
      end !== null && end > at ? dayIn(new Date(end), programme.timeZone) : todayOf(programme, context);
    const validUntil = endOfTerm(programme, tier.id, from);
    return { type: 'CertificateRenewed', at, certificateId, programmeVersion, validUntil };
  }
  const rank = programme.tiers.find(({ id }) => id === held.tier)?.rank ?? tier.rank;
  return {
    type: 'CertificateTierChanged',
    at,
    certificateId,
    programmeVersion,
    tier: tier.id,
    credits: tier.credits,
    effectiveFrom: at,
    reason: 'application',
    direction: tier.rank >= rank ? 'upgrade' : 'downgrade',
    validUntil: endOfTerm(programme, tier.id, todayOf(programme, context)),
  };
}
