import type { Mutant } from '../mutant.ts';

/** Mechanisms of access to applications, and of what is published about certificates. */
export const applicationMutants: readonly Mutant[] = [
  {
    name: 'application-hidden-from-other-operators',
    purpose:
      'An operator that a firm did not delegate receives "not found" for the applications of that firm.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: "another firm's application is not found, for reading or writing, except while it is delegated",
        assertion: 'to match object { status: 404, ',
      },
    ],
  },
  {
    name: 'identifier-check-digit',
    purpose: 'An identifier with a wrong check digit is refused.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/decide.test.ts',
        test: 'an identifier that fails the rule of its scheme is refused, and one without a rule is registered',
        assertion: "to be 'IDENTIFIER_CHECKSUM ",
      },
    ],
  },
  {
    name: 'draft-revision-check',
    purpose: 'A draft is changed only by a caller that has read its current revision.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'a draft is saved, resumed, and changed only from its present revision',
        assertion: 'to match object { status: 412, ',
      },
    ],
  },
  {
    name: 'event-effective-date-in-history',
    purpose: 'An event that takes effect later does not change the status shown for an earlier day.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/history.test.ts',
        test: 'a certificate has the status of the events that had taken effect at the instant',
        assertion: 'to deeply equal [ undefined, ',
      },
    ],
  },
  {
    name: 'consent-before-exchange',
    purpose: 'A partner receives no operator that did not consent to the exchange.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/own-row.test.ts',
        test: 'what goes abroad of several certificates > a component is listed where its holder consented, and one without consent leaves room for another',
        assertion: 'to be undefined',
      },
    ],
  },
  {
    name: 'agency-step-by-own-agency',
    purpose: 'Only the agency itself records its opinion on an application.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'an agency takes its own step, and an officer with a token may not take it, over REST or gRPC',
        assertion: 'to match object { status: 403, ',
      },
    ],
  },
  {
    name: 'step-permission-over-grpc',
    purpose: 'The permission for a step is checked over gRPC as over REST.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'an agency takes its own step, and an officer with a token may not take it, over REST or gRPC',
        assertion: 'to match object { code: ',
      },
    ],
  },
  {
    name: 'current-state-in-lists',
    purpose: 'A list shows the current state of each application.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'lists have each application and certificate once, in its present state, also where two firms use the same ids',
        assertion: 'to deeply equal [ ',
      },
    ],
  },
  {
    name: 'evidence-expiry-deadline',
    purpose: 'The evidence of a certificate is checked on the day after it expires.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/certificate/expired-evidence.test.ts',
        test: 'an expired proof of size is reported once, on the day after its last day, and changes no status',
        assertion: "to be '2026-03-31T18:30:00.000Z'",
      },
    ],
  },
  {
    name: 'status-ends-with-renewal',
    purpose: 'A status continues for an undecided renewal, and ends when the renewal is withdrawn.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/certificate/terms.test.ts',
        test: 'a renewal that is withdrawn ends the status',
        assertion: 'to match object { Object (status, continuesFor) }',
      },
    ],
  },
  {
    name: 'roles-limited-to-entry-rule',
    purpose: 'Only those roles of a token count that the access rule of the route names.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: "another firm's application is not found, for reading or writing, except while it is delegated",
        assertion: 'to be 404',
      },
    ],
  },
  {
    name: 'deciding-person-required',
    purpose: 'A system that decides for two persons names the person who decides.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/access.test.ts',
        test: 'a system names the person where two persons decide',
        assertion: 'to deeply equal { reason: ',
      },
    ],
  },
  {
    name: 'no-grant-with-possible-sanction',
    purpose: 'Nothing is granted to a firm while a sanction match is undecided.',
    killedBy: [
      {
        file: 'services/programmes/src/domain/deciding/decide-case.test.ts',
        test: 'a sanction in doubt leaves the default tier and grants nothing',
        assertion: "to deeply equal { credit: 'credit-regular' }",
      },
    ],
  },
  {
    name: 'pause-ends-by-own-event',
    purpose: 'A pause of a deadline ends with its own event, not with that of another pause.',
    killedBy: [
      {
        file: 'services/programmes/src/domain/time/clock.test.ts',
        test: 'a clock of ten days that began on Monday, 2 June 2025 > is paused while any of its pauses lasts: the end of one does not end another',
        assertion: 'to deeply equal { ',
      },
    ],
  },
  {
    name: 'programme-version-by-authority-time-zone',
    purpose: 'A programme version is in force by the time zone of its authority.',
    killedBy: [
      {
        file: 'services/programmes/src/adapters/programme-files.test.ts',
        test: 'a version begins and ends in the time zone of its authority',
        assertion: 'to be 2',
      },
    ],
  },
];
