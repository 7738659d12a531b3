import { registryService, common } from '@aeo/proto';
import { commandsUnderProgramme } from './certify-under.ts';
import { demonstration } from '../demonstration.ts';
import type { Programmes } from './generated-facts.ts';
import type { HistoryOperator } from './operators.ts';

type Command = registryService.RegistryCommand;
type Result = registryService.RegistryCommandResult;

/** Sends at most 500 commands, of whole operators, through the registry's own handlers. */
export type ExecuteBatch = (commands: Command[]) => Promise<Result[]>;

/** A component of a certificate that was granted in the run. */
export type HeldCertificate = {
  operatorId: string;
  applicationId: string;
  certificateId: string;
  tier: string;
};

type DecidedCriterion = Pick<registryService.CriterionResult, 'criterionId' | 'tier' | 'outcome' | 'text'>;

/** What certification came to: certificates by tier, refusals by criterion. */
export type Certified = {
  operators: number;
  applications: number;
  certificates: HeldCertificate[];
  notMet: Record<string, number>;
  problems: Record<string, number>;
  /** What was found of each file, by its id. */
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
  const file = { applicationId: `application-${operatorId}`, operatorId };
  const { programme: programmeId } = demonstration;
  const submission = registryService.SubmitApplicationRequest.fromPartial({ ...file, programmeId });
  return [
    { $case: 'submitApplication', value: submission },
    { $case: 'decideApplication', value: registryService.DecideApplicationRequest.fromPartial(file) },
    { $case: 'approveDecision', value: file },
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
  const asked = command?.command;
  if (result?.$case === 'problem') {
    // There is nothing to approve where nothing was proposed.
    if (asked?.$case === 'approveDecision' && result.value.reason === 'OUT_OF_ORDER') return;
    certified.problems[result.value.reason] = (certified.problems[result.value.reason] ?? 0) + 1;
    return;
  }
  if (result?.$case === 'approveDecision' && asked?.$case === 'approveDecision') {
    const { operatorId, applicationId } = asked.value;
    for (const { certificateId, tier } of result.value.granted)
      certified.certificates.push({ operatorId, applicationId, certificateId, tier });
  }
  if (result?.$case !== 'decideApplication' || asked?.$case !== 'decideApplication') return;
  certified.applications += 1;
  const { proposed, criteria } = result.value;
  certified.decided.set(asked.value.applicationId, criteria);
  if (proposed) return;
  for (const criterion of criteria) {
    if (criterion.outcome === registryService.CriterionOutcome.MET) continue;
    certified.notMet[criterion.criterionId] = (certified.notMet[criterion.criterionId] ?? 0) + 1;
  }
}
