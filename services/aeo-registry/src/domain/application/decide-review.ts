import type { Application } from './application.ts';
import type { ApplicationCommand } from '../operator/command.ts';
import { accepted, refused, isEqual, type Decision, type DecisionContext } from '../operator/decision.ts';
import { replayDecision } from './replay-decision.ts';

type Reviewing = ApplicationCommand & { type: 'RejectProposal' | 'OpenAppeal' | 'DecideAppeal' };

/** What is said to a decision, or to what was proposed: by a second person, by the applicant, and by who judges both. */
export function decideReview(
  command: Reviewing,
  application: Application,
  context: DecisionContext,
): Decision {
  const { now: at, actor: by } = context;
  const { applicationId } = command;
  const open = application.appeals.find(({ decided }) => decided === null);
  switch (command.type) {
    case 'RejectProposal':
      if (application.proposal === null) return refused('OUT_OF_ORDER');
      if (application.proposal.by === by) return refused('SAME_PERSON');
      return accepted({ type: 'ProposalRejected', at, applicationId, by, reason: command.reason });
    case 'OpenAppeal':
      if (application.status !== 'refused' || open !== undefined) return refused('OUT_OF_ORDER');
      return accepted({ type: 'AppealOpened', at, applicationId, ground: command.ground, by });
    case 'DecideAppeal': {
      if (open === undefined) return refused('OUT_OF_ORDER');
      // Neither who appeals nor who decided judges the decision.
      if (open.by === by || application.decidedBy.includes(by)) return refused('SAME_PERSON');
      if (!isAsStored(application, context)) return refused('REPLAY_DIFFERS');
      const { upheld, note } = command;
      return accepted({ type: 'AppealDecided', at, applicationId, upheld, note, by });
    }
  }
}

/** An appeal is about the decision as it was made: its replay must give the same result. */
function isAsStored({ decidedOn, results }: Application, context: DecisionContext): boolean {
  return decidedOn === null || isEqual(replayDecision(decidedOn, context), results);
}
