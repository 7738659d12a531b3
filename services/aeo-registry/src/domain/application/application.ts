import type {
  ApplicationEvent,
  AppliedFor,
  CriterionResult,
  DecidedOn,
  Instant,
  StepTaken,
} from '../operator/event.ts';
import type { Day, ClockExtension, FactValue } from '@aeo/programmes';

type ApplicationStatus = 'draft' | 'submitted' | 'granted' | 'refused' | 'withdrawn';

/** What one person found and a second one has to confirm. */
export type Proposal = {
  by: string;
  at: Instant;
  results: CriterionResult[];
  tiers: Record<string, string | null>;
};

export type Appeal = {
  ground: string;
  by: string;
  openedAt: Instant;
  decided: { upheld: boolean; note: string; by: string; at: Instant } | null;
};

/** An application on its way to a decision. Each event increases `revision`. */
export type Application = AppliedFor & {
  status: ApplicationStatus;
  programmeId: string;
  /** Of the version it was submitted under; absent in drafts and in applications from before it was stored. */
  programmeVersion?: number;
  revision: number;
  answers: Record<string, FactValue>;
  taken: StepTaken[];
  lengthenings: ClockExtension[];
  /** Deadlines that have acted. */
  acted: { clock: string; dueOn: Day; action: string }[];
  proposal: Proposal | null;
  results: CriterionResult[];
  decidedOn: DecidedOn | null;
  /** Who decided, the first and the second person. */
  decidedBy: string[];
  certificateId?: string;
  certificateIds: string[];
  appeals: Appeal[];
};

const defaultRequest: AppliedFor = { tiers: [], roles: [], designatedFor: [], renewal: false };

/** An application nothing has happened to, or one as it was stored before some of its fields were there. */
export function completeApplication(
  stored: Partial<Application> & Pick<Application, 'programmeId'>,
): Application {
  const empty = {
    status: 'draft' as const,
    revision: 0,
    ...defaultRequest,
    answers: {},
    taken: [],
    lengthenings: [],
    acted: [],
    proposal: null,
    results: [],
    decidedOn: null,
    decidedBy: [],
    appeals: [],
    certificateIds: stored.certificateId === undefined ? [] : [stored.certificateId],
  };
  return { ...empty, ...stored };
}

/** The application after an event; only events that were accepted are given to it. */
export function evolveApplication(before: Application | undefined, event: ApplicationEvent): Application {
  const application = before ?? completeApplication({ programmeId: programmeOf(event) });
  const next = changed(application, event);
  return { ...next, revision: application.revision + 1 };
}

function programmeOf(event: ApplicationEvent): string {
  return 'programmeId' in event ? event.programmeId : '';
}

function changed(application: Application, event: ApplicationEvent): Application {
  switch (event.type) {
    case 'DraftStarted': {
      const { tiers, roles, designatedFor, renewal } = event;
      return { ...application, tiers, roles, designatedFor, renewal };
    }
    case 'DraftSaved':
      return saved(application, event);
    case 'ApplicationSubmitted':
      return submitted(application, event);
    case 'StepTaken':
      return { ...application, taken: [...application.taken, event.taken] };
    case 'ClockExtended': {
      const { clock, on, reason } = event;
      return { ...application, lengthenings: [...application.lengthenings, { clock, on, reason }] };
    }
    case 'ClockExpired': {
      const { clock, dueOn, action } = event;
      return { ...application, acted: [...application.acted, { clock, dueOn, action }] };
    }
    case 'ApplicationWithdrawn':
      return { ...application, status: 'withdrawn', proposal: null };
    case 'GrantProposed': {
      const { by, at, results, tiers } = event;
      return { ...application, proposal: { by, at, results, tiers } };
    }
    case 'ProposalRejected':
      return { ...application, proposal: null };
    case 'ApplicationRefused':
    case 'ApplicationGranted':
    case 'AppealOpened':
    case 'AppealDecided':
      return decided(application, event);
  }
}

type Deciding = Extract<
  ApplicationEvent,
  { type: 'ApplicationRefused' | 'ApplicationGranted' | 'AppealOpened' | 'AppealDecided' }
>;

function decided(application: Application, event: Deciding): Application {
  switch (event.type) {
    case 'ApplicationRefused': {
      const { results, decidedOn = null, by } = event;
      const decidedBy = by === undefined ? [] : [by];
      return { ...application, status: 'refused', proposal: null, results, decidedOn, decidedBy };
    }
    case 'ApplicationGranted': {
      const { results, decidedOn, certificateIds, proposedBy, approvedBy } = event;
      return {
        ...application,
        status: 'granted',
        proposal: null,
        results,
        decidedOn,
        certificateIds,
        decidedBy: [proposedBy, approvedBy],
      };
    }
    case 'AppealOpened': {
      const { ground, by, at } = event;
      return {
        ...application,
        appeals: [...application.appeals, { ground, by, openedAt: at, decided: null }],
      };
    }
    case 'AppealDecided': {
      const { upheld, note, by, at } = event;
      const appeals = application.appeals.map((appeal) =>
        appeal.decided === null ? { ...appeal, decided: { upheld, note, by, at } } : appeal,
      );
      // An upheld appeal opens the application again.
      return upheld ? { ...application, appeals, status: 'submitted' } : { ...application, appeals };
    }
  }
}

function saved(application: Application, event: ApplicationEvent & { type: 'DraftSaved' }): Application {
  const { tiers, roles, designatedFor, renewal, answers } = event;
  const kept = Object.entries({ ...application.answers, ...answers }).filter(
    (entry): entry is [string, FactValue] => entry[1] !== null,
  );
  return {
    ...application,
    ...(tiers && { tiers }),
    ...(roles && { roles }),
    ...(designatedFor && { designatedFor }),
    ...(renewal !== undefined && { renewal }),
    answers: Object.fromEntries(kept),
  };
}

function submitted(
  application: Application,
  event: ApplicationEvent & { type: 'ApplicationSubmitted' },
): Application {
  const { programmeId, programmeVersion, applied, taken } = event;
  return {
    ...application,
    ...applied,
    ...(programmeVersion === undefined ? {} : { programmeVersion }),
    programmeId,
    status: 'submitted',
    taken: taken === undefined ? application.taken : [...application.taken, taken],
  };
}
