import { AppError, toAppError } from '@aeo/platform/errors';
import type { JSONWebKeySet } from 'jose';
import { headerText, type ListHeader } from '../../domain/list/list.ts';
import type { Verdict } from '../../domain/list/verify-list.ts';
import type {
  Partner,
  Ports,
  ReceivedLists,
  ReceivedSummary,
  SignedHeader,
  SignedReceivedList,
} from '../../ports.ts';

export type PullPorts = Pick<Ports, 'partner' | 'verifySignature'> & {
  received: Pick<ReceivedLists, 'pinnedKeys' | 'pinKeys' | 'findLastAccepted' | 'saveRefusal'>;
  receive: (list: SignedReceivedList, actor: string) => Promise<Verdict>;
  publishOwed: () => Promise<void>;
};

/** The verdict on a list, or the reason why the partner sent none that can be judged. */
export type PullOutcome = Verdict | { kind: 'refused'; reason: string; path?: string };

/**
 * Fetches, verifies and applies the partner's newest list. A list that is refused, or waits for a second person,
 * leaves the old one in force. What an earlier list still owes is published first.
 *
 * @throws AppError `unavailable` where no partner is set, or it cannot be reached
 */
export async function pullNewestList(
  ports: PullPorts,
  actor: string,
): Promise<{ outcome: PullOutcome; lastAccepted: ReceivedSummary | undefined }> {
  const { partner, received } = ports;
  if (partner === undefined)
    throw new AppError('unavailable', 'UNAVAILABLE', 'no address of the partner is set');
  await ports.publishOwed();
  const outcome = await fetchAndReceive(ports, partner, actor);
  await ports.publishOwed();
  const lastAccepted = await received.findLastAccepted();
  if (outcome.kind === 'accepted' && lastAccepted !== undefined)
    // A partner that cannot take the receipt has sent a good list all the same.
    await partner.acknowledge(lastAccepted.sequence, 'accepted').catch(() => undefined);
  return { outcome, lastAccepted };
}

async function fetchAndReceive(ports: PullPorts, partner: Partner, actor: string): Promise<PullOutcome> {
  const { received } = ports;
  let head: { sequence?: number; digest?: string } = {};
  try {
    const keys = await pinnedKeys(received, partner);
    const [newest] = await partner.headers(undefined);
    if (newest === undefined) return { kind: 'unchanged' };
    head = { sequence: newest.header.sequence, digest: newest.header.digest };
    const list = await fetchList(ports, partner, keys, newest.header.sequence);
    const verdict = await ports.receive(list, actor);
    if (verdict.kind === 'refused') await received.saveRefusal(verdict.reason, head);
    return verdict;
  } catch (error) {
    const { code, reason, fields } = toAppError(error);
    if (code !== 'invalid' && code !== 'denied') throw error;
    await received.saveRefusal(reason, head);
    return { kind: 'refused', reason, path: fields[0]?.path ?? '' };
  }
}

/** The keys received first are kept: a partner that changes its keys has to announce that in another way. */
async function pinnedKeys(received: PullPorts['received'], partner: Partner): Promise<JSONWebKeySet> {
  const pinned = await received.pinnedKeys();
  if (pinned !== undefined) return pinned;
  await received.pinKeys(await partner.keys());
  return (await received.pinnedKeys()) ?? { keys: [] };
}

async function fetchList(
  { received, verifySignature }: PullPorts,
  partner: Partner,
  keys: JSONWebKeySet,
  sequence: number,
): Promise<SignedReceivedList> {
  const verify = ({ header, signature }: SignedHeader) =>
    verifySignature(headerText(header), signature, keys);
  const last = await received.findLastAccepted();
  const { header, rows, signature } = await partner.list(sequence);
  const headersBetween = last ? await fetchHeadersBetween(partner, verify, last.sequence, sequence) : [];
  return { header, rows, signature, headersBetween, signatureValid: await verify({ header, signature }) };
}

const pagesMax = 20;

/** The headers after the list accepted last and before the newest, oldest first; those that do not verify are left out. */
async function fetchHeadersBetween(
  partner: Partner,
  verify: (signed: SignedHeader) => Promise<boolean>,
  last: number,
  newest: number,
): Promise<ListHeader[]> {
  const found: SignedHeader[] = [];
  for (let before = newest, page = 0; before > last + 1 && page < pagesMax; page += 1) {
    const headers = await partner.headers(before);
    const oldest = headers.at(-1)?.header.sequence;
    if (oldest === undefined || oldest >= before) break;
    found.push(...headers);
    before = oldest;
  }
  const between = found.filter(({ header }) => header.sequence > last);
  const verified = await Promise.all(
    between.map(async (each) => ((await verify(each)) ? each.header : undefined)),
  );
  return verified.filter((header) => header !== undefined).toReversed();
}
