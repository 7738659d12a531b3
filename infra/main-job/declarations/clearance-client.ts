import { grpcClient, type TlsFiles } from '@aeo/platform/grpc';
import { clearanceService, common } from '@aeo/proto';
import type { Transcript } from '../../auditor/transcript.ts';
import { declarationOf, homeIdentifier } from './declaration-message.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import type { AssessChannel } from './assess-line.ts';

const service = clearanceService.ClearanceServiceService;
const { ControlKind, ControlOutcome, DeclarationKind, Direction, PartyRole, Stage } = common;

export type ClearanceClient = {
  openStream(): AssessChannel;
  /** Priority of a party for imports, with the freshness of the status behind it. */
  priority(
    identifier: common.Identifier,
    role: common.PartyRole,
    row: DeclarationRow,
  ): Promise<clearanceService.GetPriorityResponse>;
  /** A new declaration flagged `probe` with this importer as its only party. */
  probe(
    declarationId: string,
    importer: string,
    row: DeclarationRow,
  ): Promise<clearanceService.AssessResponse>;
  recordControl(row: DeclarationRow): Promise<void>;
  /** The node's present answer for a party, for the auditor; not recorded in the transcript. */
  currentPriority(
    request: clearanceService.GetPriorityRequest,
  ): Promise<clearanceService.GetPriorityResponse>;
  stop(): Promise<void>;
};

/** A client whose requests and answers are recorded in the transcript; those of the stream by its reader. */
export function clearanceClient(address: string, tls: TlsFiles, transcript: Transcript): ClearanceClient {
  const client = grpcClient(clearanceService.ClearanceServiceClient, {
    address,
    tls,
    defaultDeadlineMs: 5_000,
  });
  return {
    openStream: () => {
      const stream = client.stream(service.assessStream);
      return {
        write: (request) => stream.write(request),
        onAnswer: (listener) => stream.onMessage(listener),
        ended: stream.closed.catch(() => undefined),
        end: () => stream.end(),
        cancel: () => stream.cancel(),
      };
    },
    priority: (identifier, role, row) =>
      transcript.priority(identifier, () =>
        client.call(service.getPriority, priorityRequest(identifier, role, row)),
      ),
    probe: (declarationId, importer, row) => {
      const request = probeRequest(declarationId, importer, row);
      return transcript.assess(request, () => client.call(service.assess, request));
    },
    recordControl: async (row) => {
      const request = controlRequest(row);
      await transcript.control(request, () =>
        client.call(service.recordControl, request, { deadlineMs: 10_000 }),
      );
    },
    currentPriority: (request) => client.call(service.getPriority, request),
    stop: () => client.stop(),
  };
}

function priorityRequest(
  identifier: common.Identifier,
  role: common.PartyRole,
  row: DeclarationRow,
): clearanceService.GetPriorityRequest {
  return clearanceService.GetPriorityRequest.fromPartial({
    identifier,
    role,
    kind: DeclarationKind.IMPORT,
    direction: Direction.IMPORT,
    transportMode: declarationOf(row).transportMode,
    office: row.office,
    // Certificates are of this run's own time; the declarations come from an earlier one.
    date: new Date().toISOString().slice(0, 10),
  });
}

function probeRequest(
  declarationId: string,
  importer: string,
  row: DeclarationRow,
): clearanceService.AssessRequest {
  const party = { role: PartyRole.IMPORTER, identifier: homeIdentifier(importer) };
  const declaration = { ...declarationOf(row), declarationId, parties: [party] };
  return clearanceService.AssessRequest.fromPartial({ declaration, stage: Stage.PRESENTATION, probe: true });
}

/** The only place that sends the outcome of a row, and only for a row that was inspected. */
function controlRequest(row: DeclarationRow): clearanceService.RecordControlRequest {
  const { CONFORM, FINDING, CRITICAL_FINDING } = ControlOutcome;
  return clearanceService.RecordControlRequest.fromPartial({
    controlId: `control-${row.declarationId}`,
    declarationId: row.declarationId,
    version: 1,
    kind: ControlKind.PHYSICAL,
    outcome: row.critical ? CRITICAL_FINDING : row.finding ? FINDING : CONFORM,
    findingClass: row.critical ? 'critical' : row.finding ? 'ordinary' : '',
  });
}
