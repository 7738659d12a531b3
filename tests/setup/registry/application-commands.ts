import { AppError } from '@aeo/platform/errors';
import type { GrpcClient } from '@aeo/platform/grpc';
import { common, registryService } from '@aeo/proto';
import type { RegistryProcess, RestCall } from './registry-processes.ts';

/** Whose file it is, and the certificate that came of it. */
export type Applicant = { operatorId: string; certificateId: string };

/** The answer to a caller's key, as the registry stores it: without the time of the answer. */
export type StoredAnswer = { key: string; bytes: Buffer };

/** One command of an application, sent under a key: the same key repeats it. */
export type ApplicationCommand = {
  name: string;
  execute(registry: RegistryProcess, walker: Applicant, key: string): Promise<StoredAnswer[]>;
};

const { RegistryServiceService: service, RegistryCommandResult } = registryService;
type Wire = NonNullable<registryService.RegistryCommand['command']>;
type Result = NonNullable<registryService.RegistryCommandResult['result']>;

const storedAnswer = (key: string, result: Result): StoredAnswer => {
  const value = { ...result.value, ...('answeredAt' in result.value ? { answeredAt: undefined } : {}) };
  const json = RegistryCommandResult.toJSON({ result: { ...result, value } as Result });
  return { key, bytes: Buffer.from(JSON.stringify(json)) };
};

/** A command over the RPC of its own. */
function rpc(
  name: string,
  wireOf: (walker: Applicant) => Wire,
  {
    actor = 'first officer',
    note,
  }: { actor?: string; note?: (walker: Applicant, result: Result) => void } = {},
): ApplicationCommand {
  return {
    name,
    execute: async ({ grpc }, walker, key) => {
      const { $case, value } = wireOf(walker);
      const method = service[$case] as unknown as Parameters<GrpcClient['call']>[0];
      const answer = await grpc.call(method, value, { actor, idempotencyKey: key });
      const result = { $case, value: answer } as Result;
      note?.(walker, result);
      return [storedAnswer(key, result)];
    },
  };
}

/** Several commands in one transaction, each under a key of its own. */
function batch(name: string, wiresOf: (walker: Applicant) => Wire[]): ApplicationCommand {
  return {
    name,
    execute: async ({ grpc }, walker, key) => {
      const commands = wiresOf(walker).map((command, index) =>
        registryService.RegistryCommand.fromPartial({ command, idempotencyKey: `${key}.${index}` }),
      );
      const { results } = await grpc.call(service.executeBatch, { commands }, { actor: 'first officer' });
      return results.map(({ result }, index) => storedAnswer(`${key}.${index}`, accepted(result)));
    },
  };
}

function accepted(result: Result | undefined): Result {
  if (result === undefined || result.$case === 'problem')
    throw new Error(`refused: ${JSON.stringify(result?.value)}`);
  return result;
}

/** A command over REST, as an officer at the counter sends it. */
function rest(
  name: string,
  method: RestCall['method'],
  callOf: (walker: Applicant) => { path: string; json?: unknown; ifMatch?: string },
): ApplicationCommand {
  return {
    name,
    execute: async (registry, walker, key) => {
      const { path, json, ifMatch } = callOf(walker);
      const headers = {
        actor: 'first officer',
        'idempotency-key': key,
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      };
      const call = { method, path, headers, ...(json === undefined ? {} : { json }) };
      const { status, body } = await registry.rest(call);
      if (status === 503) throw new AppError('unavailable', 'UNAVAILABLE', `${path} was not answered`);
      if (status >= 300) throw new Error(`${path} was answered ${status} ${JSON.stringify(body)}`);
      // Left out by JSON where it is undefined.
      const bytes = Buffer.from(JSON.stringify({ ...body, answeredAt: undefined }));
      return [{ key, bytes }];
    },
  };
}

const applicationId = 'a';
const ofFile = ({ operatorId }: Applicant) => ({ operatorId, applicationId });
const own = ({ operatorId }: Applicant, path: string) => `/v1/operators/${operatorId}/${path}`;
const file = (walker: Applicant, path: string) => own(walker, `applications/${applicationId}${path}`);
const held = ({ certificateId }: Applicant, path: string) => `/v1/certificates/${certificateId}/${path}`;

function registrationOf({ operatorId }: Applicant): Wire {
  const value = operatorId.toUpperCase().slice(-30);
  return {
    $case: 'registerOperator',
    value: registryService.RegisterOperatorRequest.fromPartial({
      operatorId,
      name: 'A firm',
      sizeClass: common.SizeClass.SMALL,
      identifiers: [{ identifier: { scheme: 'national-trader-id', country: 'XA', value } }],
    }),
  };
}

const register = rpc('registration', registrationOf);

function facts(programmeId: string, said: Record<string, registryService.FactValue>): ApplicationCommand {
  return rpc('facts', ({ operatorId }) => ({
    $case: 'recordFacts',
    value: { operatorId, programmeId, origin: 'authority', facts: said },
  }));
}

const noDates: registryService.FactValue = { value: { $case: 'list', value: { items: [] } } };
const yes: registryService.FactValue = { value: { $case: 'truth', value: true } };

function evidence(operatorId: string, programmeId: string, type: string, person = ''): Wire {
  return {
    $case: 'recordEvidence',
    value: registryService.RecordEvidenceRequest.fromPartial({
      operatorId,
      programmeId,
      type,
      person,
      evidenceId: type,
      sha256: 'a'.repeat(64),
      bytes: 1_000n,
      mediaType: 'application/pdf',
    }),
  };
}

function documents(programmeId: string, types: string[]): ApplicationCommand {
  return batch('documents', ({ operatorId }) => types.map((type) => evidence(operatorId, programmeId, type)));
}

function draft(programmeId: string, tiers: string[], roles: string[]): ApplicationCommand {
  return rest('draft', 'POST', (walker) => ({
    path: own(walker, 'applications'),
    json: { applicationId, programmeId, tiers, roles },
  }));
}

function answers(said: Record<string, number | boolean>): ApplicationCommand {
  return rest('answers', 'PATCH', (walker) => ({
    path: file(walker, ''),
    json: { answers: said },
    ifMatch: '"1"',
  }));
}

const submission = rest('submission', 'POST', (walker) => ({ path: file(walker, '/submission') }));

function step(id: string, outcome: string): ApplicationCommand {
  return rpc(`${id} ${outcome}`, (walker) => ({
    $case: 'takeStep',
    value: registryService.TakeStepRequest.fromPartial({ ...ofFile(walker), step: id, outcome }),
  }));
}

const proposal = rpc('proposal', (walker) => ({ $case: 'decideApplication', value: ofFile(walker) }));

const approval = rpc('approval', (walker) => ({ $case: 'approveDecision', value: ofFile(walker) }), {
  actor: 'second officer',
  note: (walker, result) => {
    if (result.$case === 'approveDecision') walker.certificateId = result.value.certificateId;
  },
});

const reason = 'an enquiry';
const ofCertificate = ({ operatorId, certificateId }: Applicant) => ({ operatorId, certificateId, reason });

/**
 * The way of a file under a programme with documents bound to a person, steps back and forth, a clock that pauses and is
 * lengthened, two certificates, and notice and hearing before a revocation. Over both doors of the registry.
 */
export const europeanApplication: readonly ApplicationCommand[] = [
  register,
  rest('person', 'PUT', (walker) => ({
    path: own(walker, 'persons/p'),
    json: { name: 'A person', position: 'Head of customs' },
  })),
  facts('eu-aeo', { seriousInfringements: noDates }),
  rpc('evidence', ({ operatorId }) => evidence(operatorId, 'eu-aeo', 'competence-record', 'p')),
  documents('eu-aeo', ['saq', 'visit-report', 'audited-accounts', 'security-plan']),
  draft('eu-aeo', ['AEOC', 'AEOS'], []),
  answers({
    staff: 20,
    turnover: 5,
    balanceSheet: 4,
    recordsAuditable: true,
    logisticalRecords: true,
    insolvencyFree: true,
    solventYears: 3,
    yearsEstablished: 8,
    experienceYears: 5,
    qualified: true,
    securityInOrder: true,
    sharedPremises: false,
  }),
  submission,
  step('acceptance', 'accepted'),
  step('audit', 'adjustmentsAsked'),
  rest('adjustment', 'POST', (walker) => ({
    path: file(walker, '/steps'),
    json: { step: 'adjustment', outcome: 'adjusted' },
  })),
  rest('extension', 'POST', (walker) => ({
    path: file(walker, '/extensions'),
    json: { clock: 'decision', reason: 'abroad' },
  })),
  step('audit', 'audited'),
  proposal,
  approval,
  rpc('suspension', (walker) => ({
    $case: 'suspendCertificate',
    value: { ...ofCertificate(walker), effectiveFrom: undefined },
  })),
  rpc('reinstatement', (walker) => ({ $case: 'reinstateCertificate', value: ofCertificate(walker) })),
  rest('notice', 'POST', (walker) => ({
    path: held(walker, 'notices'),
    json: { operatorId: walker.operatorId, act: 'revoke', reasonId: 'failed', reason },
  })),
  rest('hearing', 'POST', (walker) => ({
    path: held(walker, 'hearings'),
    json: { operatorId: walker.operatorId, note: 'nothing was said' },
  })),
];

/** How long the notice lasts that the file above ends with, in days. */
export const noticeDays = 30;

export const revocation = rpc('revocation', (walker) => ({
  $case: 'revokeCertificate',
  value: ofCertificate(walker),
}));

/** A file that was submitted and whose authority has thirty days to accept it, in one transaction. */
export const waitingForAcceptance = batch('file', (walker) => [
  registrationOf(walker),
  {
    $case: 'submitApplication',
    value: registryService.SubmitApplicationRequest.fromPartial({
      ...ofFile(walker),
      programmeId: 'eu-aeo',
      tiers: ['AEOC'],
    }),
  },
]);

/** A file that its applicant has half a year to go on with. */
export const waitingForApplicant = batch('file', (walker) => [
  registrationOf(walker),
  {
    $case: 'submitApplication',
    value: registryService.SubmitApplicationRequest.fromPartial({
      ...ofFile(walker),
      programmeId: 'ma-oea',
    }),
  },
  {
    $case: 'takeStep',
    value: registryService.TakeStepRequest.fromPartial({
      ...ofFile(walker),
      step: 'eligibility',
      outcome: 'eligible',
    }),
  },
]);

/** The way to a certificate of five years. */
export const certificateWithTerm: readonly ApplicationCommand[] = [
  register,
  facts('id-aeo', { crimes: noDates, siteValidated: yes }),
  documents('id-aeo', ['accounts', 'declaration', 'self-assessment']),
  draft('id-aeo', ['aeo-status'], ['operator']),
  answers({ accountsAudited: 2, aeoManager: true, internalAudit: true, selfAssessed: true }),
  step('coaching-overview', 'briefed'),
  step('coaching-technical', 'coached'),
  submission,
  step('site-visit', 'validated'),
  proposal,
  approval,
];
