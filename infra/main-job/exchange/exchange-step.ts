import { grpcClient, loadTls } from '@aeo/platform/grpc';
import { exchangeService, type common } from '@aeo/proto';
import { certifyAt, holdersOf } from '../certification/certification-step.ts';
import type { Certified } from '../certification/certify.ts';
import type { Job } from '../job.ts';
import type { HomeAccess } from '../services/home-services.ts';
import type { PartnerAccess } from '../services/partner-services.ts';
import type { DeclarationRow } from '../input/declaration-row.ts';
import { partnerAdministration } from '../services/administrations.ts';
import { retryWhileUnavailable } from '../retry-while-unavailable.ts';
import { demonstration } from '../demonstration.ts';
import { sellerOperators, type HistoryOperator } from '../certification/operators.ts';

/** What the partner's list contained, and how many foreign operators no arrangement covers. */
export type ExchangeFigures = {
  listed: number;
  recognised: number;
  refused: { code: string; count: number }[];
  sequence: number;
  /** Operators registered and applications decided at the partner. */
  partnerOperators: number;
  partnerApplications: number;
  /** Commands the partner's registry refused, by reason. */
  partnerProblems: Record<string, number>;
  /** Sellers of the history in countries without an arrangement. */
  operatorsWithoutArrangement: number;
};

export type Exchanged = {
  figures: ExchangeFigures;
  /** A seller whose status must be visible before declarations are decided with it. */
  recognised: common.Identifier | undefined;
};

const pullDeadlineMs = 120_000;

/** The partner certifies its operators and signs its list; our exchange pulls it and publishes what it recognises. */
export async function exchangeLists({ services, inputs, progress, transcript }: Job): Promise<Exchanged> {
  const { home, partner } = services;
  const { rows } = inputs.history;
  if (partner === undefined) return nothingExchanged(rows);
  const sellers = sellerOperators(rows);
  const covered = sellers.filter(({ identifier }) => identifier.country === demonstration.partnerCountry);
  const partnerTls = loadTls(partner.tlsDirectory, 'officer');
  const certified = await certifyAt({
    address: partner.registry.address,
    tls: partnerTls,
    operators: covered,
    rows,
    onProgress: progress.step('certifying at the partner', covered.length),
    record: (entry) => transcript.record({ ...entry, administration: partnerAdministration }),
  });
  const onExchanged = progress.step('exchange', 1);
  const atPartner = exchange(partner.exchange.address, partnerTls);
  const atHome = exchange(home.exchange.address, loadTls(home.tlsDirectory, 'officer'));
  try {
    await atPartner.issue();
    const { sequence, listed, recognised, refused } = await atHome.pull();
    onExchanged(1);
    const figures = {
      listed: Number(listed),
      recognised: Number(recognised),
      refused: refused.map(({ code, count }) => ({ code, count: Number(count) })),
      sequence: Number(sequence),
      partnerOperators: covered.length,
      partnerApplications: certified.applications,
      partnerProblems: certified.problems,
      operatorsWithoutArrangement: sellers.length - covered.length,
    };
    return { figures, recognised: anyHolder(covered, certified) };
  } finally {
    await atPartner.stop();
    await atHome.stop();
  }
}

/** The partner's newest list is issued and pulled once more, as soon as both sides answer. */
export async function exchangeAgain(home: HomeAccess, partner: PartnerAccess): Promise<void> {
  const atPartner = exchange(partner.exchange.address, loadTls(partner.tlsDirectory, 'officer'));
  const atHome = exchange(home.exchange.address, loadTls(home.tlsDirectory, 'officer'));
  try {
    await retryWhileUnavailable(atPartner.issue);
    await retryWhileUnavailable(atHome.pull);
  } finally {
    await atPartner.stop();
    await atHome.stop();
  }
}

/** Where no partner takes part. */
function nothingExchanged(rows: DeclarationRow[]): Exchanged {
  const figures = { listed: 0, recognised: 0, refused: [], sequence: 0, partnerOperators: 0 };
  const none = { partnerApplications: 0, partnerProblems: {} };
  const operatorsWithoutArrangement = sellerOperators(rows).length;
  return { figures: { ...figures, ...none, operatorsWithoutArrangement }, recognised: undefined };
}

function anyHolder(operators: HistoryOperator[], certified: Certified): common.Identifier | undefined {
  const holders = holdersOf(certified);
  return operators.find(({ operatorId }) => holders.has(operatorId))?.identifier;
}

function exchange(address: string, tls: ReturnType<typeof loadTls>) {
  const client = grpcClient(exchangeService.ExchangeServiceClient, {
    address,
    tls,
    defaultDeadlineMs: pullDeadlineMs,
  });
  const { issueList, pullList } = exchangeService.ExchangeServiceService;
  const actor = { actor: 'main-job' };
  const named = { arrangementId: demonstration.arrangement };
  return {
    issue: () => client.call(issueList, named, actor),
    pull: () => client.call(pullList, named, actor),
    stop: () => client.stop(),
  };
}
