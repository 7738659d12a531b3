import { registryService, common } from '@aeo/proto';
import { commandsUnderProgramme } from './certify-under.ts';
import { demonstration } from '../demonstration.ts';
import type { Programmes } from './generated-facts.ts';
import type { HistoryOperator } from './operators.ts';

type Command = registryService.RegistryCommand;
type Result = registryService.RegistryCommandResult;

/** Sends at most 500 commands to the registry; an operator's commands are never split. */
export type ExecuteBatch = (commands: Command[]) => Promise<Result[]>;

/** A component of a certificate that was granted in the run. */
export type HeldCertificate = {
  operatorId: string;
  applicationId: string;
  certificateId: string;
  tier: string;
};

type DecidedCriterion = Pick<registryService.CriterionResult, 'criterionId' | 'tier' | 'outcome' | 'text'>;

/** The results of the certification. */
export type Certified = {
  operators: number;
  applications: number;
  certificates: HeldCertificate[];
  notMet: Record<string, number>;
  problems: Record<string, number>;
  /** The criteria of each application, by its id. */
  decided: Map<string, DecidedCriterion[]>;
};

export const demonstrationOnly: Programmes = { runs: [], today: '' };

const commandsPerBatchMax = 500;
const batchesAtOnce = 2;
const secondPerson = 'main-job-second';

/**
 * Registers every operator with its identifier and record, and applies for those with enough declarations for any
 * tier. All of an operator's commands stay together, in order.
 */
export async function certify(
  operators: HistoryOperator[],
  period: common.Validity,
  execute: ExecuteBatch,
  progress: (done: number) => void,
  programmes = demonstrationOnly,
): Promise<Certified> {
  const certified: Certified = {
    operators: operators.length,
    applications: 0,
    certificates: [],
    notMet: {},
    problems: {},
    decided: new Map(),
  };
  const queue = batches(operators, period, programmes);
  let done = 0;
  const worker = async () => {
    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      const results = await execute(batch.commands);
      results.forEach((result, index) => count(certified, batch.commands[index], result));
      done += batch.operators;
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  return certified;
}

type Batch = { commands: Command[]; operators: number };

function batches(operators: HistoryOperator[], period: common.Validity, programmes: Programmes): Batch[] {
  const all: Batch[] = [];
  let open: Batch = { commands: [], operators: 0 };
  for (const operator of operators) {
    const commands = commandsOf(operator, period, programmes);
    if (open.commands.length + commands.length > commandsPerBatchMax) {
      all.push(open);
      open = { commands: [], operators: 0 };
    }
    open.commands.push(...commands);
    open.operators += 1;
  }
  return open.operators > 0 ? [...all, open] : all;
}

function commandsOf(
  operator: HistoryOperator,
  period: common.Validity,
  { runs, today }: Programmes,
): Command[] {
  const { operatorId, identifier } = operator;
  const sizeClass = operator.small ? common.SizeClass.SMALL : common.SizeClass.LARGE;
  const commands: registryService.RegistryCommand['command'][] = [
    {
      $case: 'registerOperator',
      value: registryService.RegisterOperatorRequest.fromPartial({
        operatorId,
        name: `Operator ${identifier.value}`,
        identifiers: [{ identifier, validity: {} }],
        sizeClass,
      }),
    },
    { $case: 'recordComplianceFacts', value: factsOf(operator, period) },
  ];
  if (runs.length === 0) commands.push(...demonstrationApplication(operator));
  const all = commands.map((command) =>
    registryService.RegistryCommand.fromPartial({
      command,
      // Grants need a second person.
      actor: command?.$case === 'approveDecision' ? secondPerson : '',
    }),
  );
  return [...all, ...runs.flatMap((run) => commandsUnderProgramme(run, operator, today))];
}

function demonstrationApplication({
  operatorId,
  declarations,
}: HistoryOperator): registryService.RegistryCommand['command'][] {
  if (declarations < demonstration.applyFromDeclarations) return [];
  const application = { applicationId: `application-${operatorId}`, operatorId };
  const { programme: programmeId } = demonstration;
  const submission = registryService.SubmitApplicationRequest.fromPartial({ ...application, programmeId });
  return [
    { $case: 'submitApplication', value: submission },
    { $case: 'decideApplication', value: registryService.DecideApplicationRequest.fromPartial(application) },
    { $case: 'approveDecision', value: application },
  ];
}

/** In the history every declaration carries a known outcome, so each counts as controlled. */
function factsOf(
  operator: HistoryOperator,
  period: common.Validity,
): registryService.RecordComplianceFactsRequest {
  return registryService.RecordComplianceFactsRequest.fromPartial({
    operatorId: operator.operatorId,
    origin: 'history',
    period,
    declarations: BigInt(operator.declarations),
    controls: BigInt(operator.declarations),
    findings: BigInt(operator.findings),
    criticalFindings: BigInt(operator.criticalFindings),
  });
}

function count(certified: Certified, command: Command | undefined, { result }: Result): void {
  const sent = command?.command;
  if (result?.$case === 'problem') {
    // Without a proposal there is no decision to approve.
    if (sent?.$case === 'approveDecision' && result.value.reason === 'OUT_OF_ORDER') return;
    certified.problems[result.value.reason] = (certified.problems[result.value.reason] ?? 0) + 1;
    return;
  }
  if (result?.$case === 'approveDecision' && sent?.$case === 'approveDecision') {
    const { operatorId, applicationId } = sent.value;
    for (const { certificateId, tier } of result.value.granted)
      certified.certificates.push({ operatorId, applicationId, certificateId, tier });
  }
  if (result?.$case !== 'decideApplication' || sent?.$case !== 'decideApplication') return;
  certified.applications += 1;
  const { proposed, criteria } = result.value;
  certified.decided.set(sent.value.applicationId, criteria);
  if (proposed) return;
  for (const criterion of criteria) {
    if (criterion.outcome === registryService.CriterionOutcome.MET) continue;
    certified.notMet[criterion.criterionId] = (certified.notMet[criterion.criterionId] ?? 0) + 1;
  }
}
