import type { Mutant } from '../mutant.ts';

/** Of who sees and changes a file, and of what is told of a certificate. */
export const applicationMutants: readonly Mutant[] = [
  {
    name: 'another-s-file-is-not-there',
    purpose: 'To whoever a firm does not concern, its file is not there.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: "another firm's application is not found, for reading or writing, except while it is delegated",
        assertion: 'to match object { status: 404, ',
      },
    ],
  },
  {
    name: 'check-digit-of-an-identifier',
    purpose: 'A number with a wrong digit is not taken for anybody.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/decide.test.ts',
        test: 'an identifier that fails the rule of its scheme is refused, and one without a rule is registered',
        assertion: "to be 'IDENTIFIER_CHECKSUM ",
      },
    ],
  },
  {
    name: 'draft-by-its-revision',
    purpose: 'A draft is changed by whoever has seen what it says.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'a draft is saved, resumed, and changed only from its present revision',
        assertion: 'to match object { status: 412, ',
      },
    ],
  },
  {
    name: 'effect-of-a-later-day',
    purpose: 'What takes effect later does not change how a certificate stood before.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/history.test.ts',
        test: 'a certificate has the status of the events that had taken effect at the instant',
        assertion: 'to deeply equal [ undefined, ',
      },
    ],
  },
  {
    name: 'consent-governs-abroad',
    purpose: 'A partner hears of nobody who did not consent to it.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/domain/list/own-row.test.ts',
        test: 'what goes abroad of several certificates > a component is listed where its holder consented, and one without consent leaves room for another',
        assertion: 'to be undefined',
      },
    ],
  },
  {
    name: 'agency-speaks-for-itself',
    purpose: 'An agency says what it has to say, and not what another has.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'an agency takes its own step, and an officer with a token may not take it, over REST or gRPC',
        assertion: 'to match object { status: 403, ',
      },
    ],
  },
  {
    name: 'steps-over-every-door',
    purpose: 'Whose step it is holds over gRPC as over REST.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: 'an agency takes its own step, and an officer with a token may not take it, over REST or gRPC',
        assertion: 'to match object { code: ',
      },
    ],
  },
  {
    name: 'listed-as-it-stands',
    purpose: 'A list has a file as it stands now.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/operator-store.postgres.int.test.ts',
        test: 'lists have each application and certificate once, in its present state, also where two firms use the same ids',
        assertion: 'to deeply equal [ ',
      },
    ],
  },
  {
    name: 'proofs-are-looked-at',
    purpose: 'What a certificate rests on is looked at on the day after its last.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/certificate/expired-evidence.test.ts',
        test: 'an expired proof of size is reported once, on the day after its last day, and changes no status',
        assertion: "to be '2026-03-31T18:30:00.000Z'",
      },
    ],
  },
  {
    name: 'renewal-over-status-over',
    purpose: 'A status goes on for a renewal that is still to be decided, and for no other.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/certificate/terms.test.ts',
        test: 'a renewal that is withdrawn ends the status',
        assertion: 'to match object { Object (status, continuesFor) }',
      },
    ],
  },
  {
    name: 'one-role-one-door',
    purpose: 'Of the roles of a token those alone count that let it in.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/edge/rest/applications.int.test.ts',
        test: "another firm's application is not found, for reading or writing, except while it is delegated",
        assertion: 'to be 404',
      },
    ],
  },
  {
    name: 'deciding-person-is-named',
    purpose: 'Where two persons decide, a system says which of them it is.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/domain/operator/access.test.ts',
        test: 'a system names the person where two persons decide',
        assertion: 'to deeply equal { reason: ',
      },
    ],
  },
  {
    name: 'sanction-in-doubt',
    purpose: 'While it is not known whether a sanction falls to a firm, nothing is granted to it.',
    killedBy: [
      {
        file: 'services/programmes/src/domain/deciding/decide-case.test.ts',
        test: 'a sanction in doubt leaves the default tier and grants nothing',
        assertion: "to deeply equal { credit: 'credit-regular' }",
      },
    ],
  },
  {
    name: 'pause-ends-with-its-own',
    purpose: 'A pause ends with what it waits for, and not with what another waits for.',
    killedBy: [
      {
        file: 'services/programmes/src/domain/time/clock.test.ts',
        test: 'a clock of ten days that began on Monday, 2 June 2025 > stands still while any of its pauses lasts: the end of one does not end another',
        assertion: 'to deeply equal { ',
      },
    ],
  },
  {
    name: 'version-by-the-authority-s-day',
    purpose: 'A version is in force by the clocks of its authority.',
    killedBy: [
      {
        file: 'services/programmes/src/adapters/programme-files.test.ts',
        test: 'a version begins and ends in the time zone of its authority',
        assertion: 'to be 2',
      },
    ],
  },
];
