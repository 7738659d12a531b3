import { AppError } from '@aeo/platform/errors';
import type { CallContext } from '@aeo/platform/grpc';
import {
  bytesAnswer,
  Download,
  restRoute,
  uploadRoute,
  type RestRoute,
  type UploadRoute,
} from '@aeo/platform/http';
import { callers } from '../callers.ts';
import { mayReadEvidence } from '../../domain/operator/access.ts';
import { lookUp, type Operator } from '../../domain/operator/operator.ts';
import type { EvidenceType } from '@aeo/programmes';
import { applicableProgrammes } from '../../domain/operator/applicable-programmes.ts';
import type { Ports } from '../../ports.ts';
import { notFound } from '../refusals.ts';
import { executeOnRecord } from './execute-command.ts';
import { day, id } from './fields.ts';
import { evidenceAnswer } from './record-answers.ts';
import { getVisibleOperator } from './visible-operator.ts';

const path = '/v1/operators/{operatorId}/evidence/{evidenceId}';
const params = { operatorId: id, evidenceId: id };
/** No programme allows more for one document; each has a limit of its own. */
const bytesMax = 100_000_000;
const bytesPerMegabyte = 1_000_000;

/** Stores a document and records it; the same document again is recorded once. */
export function evidenceUpload(ports: Ports): UploadRoute {
  return uploadRoute({
    method: 'put',
    path,
    summary: 'Uploads a document as evidence',
    status: 201,
    allow: callers.firm,
    params,
    bytesMax,
    answer: evidenceAnswer,
    query: {
      programmeId: id,
      type: id,
      person: id.optional(),
      issuedOn: day.optional(),
      validUntil: day.optional(),
    },
    handle: async (content, { params: { operatorId, evidenceId }, query }, context) => {
      const { programmeId, type: typeId, person = null, issuedOn = null, validUntil = null } = query;
      const { type, operator } = await expectedEvidence(ports, operatorId, query, context);
      requireUsable({ ...query, operator }, type);
      const limits = { bytesMax: type.maxMegabytes * bytesPerMegabyte, formats: type.formats };
      const stored = await ports.evidence.put(content, limits);
      if (stored.kind === 'refused')
        throw new AppError('invalid', stored.reason, requirementOf(type), {
          fields: [{ path: 'body', code: stored.reason }],
        });
      const { sha256, bytes, mediaType } = stored;
      const evidence = { programmeId, type: typeId, sha256, bytes, mediaType, issuedOn, validUntil, person };
      const command = { type: 'RecordEvidence' as const, evidenceId, evidence };
      return executeOnRecord(ports, operatorId, command, context, (state) => ({
        evidenceId,
        ...lookUp(state.evidence, evidenceId),
      }));
    },
  });
}

function requirementOf({ formats, maxMegabytes }: EvidenceType): string {
  return `this document is taken as ${formats.join(', ')}, of up to ${maxMegabytes} MB`;
}

/** Finds the type and checks the caller before a byte is read. */
async function expectedEvidence(
  ports: Ports,
  operatorId: string,
  { programmeId, type: typeId }: { programmeId: string; type: string },
  context: CallContext,
): Promise<{ type: EvidenceType; operator: Operator }> {
  const { state: operator, decisionContext } = await getVisibleOperator(ports, operatorId, context);
  const known = applicableProgrammes(programmeId, operator, decisionContext);
  if (known.length === 0) throw notFound('programmeId');
  const type = known.flatMap(({ evidenceTypes }) => evidenceTypes).find((each) => each.id === typeId);
  if (type === undefined) throw notFound('type');
  return { type, operator };
}

type EvidenceFields = {
  operator: Operator;
  person?: string | undefined;
  issuedOn?: string | undefined;
  validUntil?: string | undefined;
};

/** Refuses what the command would refuse, before anything is stored. @throws AppError */
function requireUsable({ operator, person, issuedOn, validUntil }: EvidenceFields, type: EvidenceType): void {
  const refuse = (path: string, code: string) => {
    throw new AppError('invalid', code, 'the document cannot be recorded so', { fields: [{ path, code }] });
  };
  if (issuedOn !== undefined && validUntil !== undefined && validUntil < issuedOn)
    refuse('validUntil', 'FIELD_RANGE');
  if (type.personBound && person === undefined) refuse('person', 'FIELD_REQUIRED');
  if (person !== undefined && lookUp(operator.particulars.person, person) === undefined)
    throw notFound('person');
}

/** The document as it was uploaded. */
export function evidenceDownload(ports: Ports): RestRoute {
  return restRoute({
    method: 'get',
    path: `${path}/content`,
    summary: 'A document of evidence, as it was uploaded',
    allow: callers.viewOperator,
    params,
    answer: bytesAnswer,
    handle: async ({ params: { operatorId, evidenceId } }, context) => {
      const { state, decisionContext } = await getVisibleOperator(ports, operatorId, context);
      const described = lookUp(state.evidence, evidenceId);
      if (described === undefined) throw notFound();
      const programme = ports.rules.programmes.inForce(described.programmeId, decisionContext.now);
      if (!mayReadEvidence(programme, context.principal)) throw notFound();
      const content = await ports.evidence.open(described.sha256);
      if (content === undefined) throw notFound();
      return new Download(content, described);
    },
  });
}
