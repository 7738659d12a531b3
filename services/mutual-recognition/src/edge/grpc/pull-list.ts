import { AppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import type { JSONWebKeySet } from 'jose';
import { headerText, type ListHeader } from '../../domain/list/list.ts';
import { judgeList, type Verdict } from '../../domain/list/verify-list.ts';
import type { FetchedList, Partner, Ports, SignedHeader } from '../../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

type PullPorts = Pick<Ports, 'arrangement' | 'partner' | 'received' | 'verifySignature' | 'now'>;

/** What became of a pull: a verdict on a list, or the reason why none could be had. */
type Outcome = Verdict | { kind: 'refused'; reason: string; path?: string };

/**
 * Fetches, verifies and applies the partner's newest list. A list that is refused, or waits for a second person,
 * leaves the old one in force. What an earlier list still owes is published first.
 */
export const pullList =
  (ports: PullPorts): UnaryHandler<exchangeService.PullListRequest, exchangeService.PullListResponse> =>
  async ({ arrangementId }, { actor, peer }) => {
    ourArrangement(ports.arrangement, arrangementId);
    const { partner, received } = ports;
    if (partner === undefined)
      throw new AppError('unavailable', 'UNAVAILABLE', 'no address of the partner is set');
    await received.activate();
    const outcome = await fetchAndJudge(ports, partner, actor.trim() || peer);
    await received.activate();
    const held = await received.held();
    if (outcome.kind === 'accepted' && held !== undefined)
      // A partner that cannot take the receipt has sent a good list all the same.
      await partner.acknowledge(held.sequence, 'accepted').catch(() => undefined);
    return exchangeService.PullListResponse.fromPartial({
      sequence: BigInt(held?.sequence ?? 0),
      listed: BigInt(held?.listed ?? 0),
      recognised: BigInt(held?.recognised ?? 0),
      refused: refusedOf(outcome),
    });
  };

function refusedOf(outcome: Outcome): exchangeService.ListRefusal[] {
  if (outcome.kind !== 'refused' && outcome.kind !== 'held') return [];
  const path = outcome.kind === 'refused' ? (outcome.path ?? '') : '';
  return [exchangeService.ListRefusal.fromPartial({ code: outcome.reason, count: 1n, path })];
}

async function fetchAndJudge(ports: PullPorts, partner: Partner, actor: string): Promise<Outcome> {
  let head: { sequence?: number; digest?: string } = {};
  try {
    const keys = await pinnedKeys(ports, partner);
    const [newest] = await partner.headers(undefined);
    if (newest === undefined) return { kind: 'unchanged' };
    const { sequence, digest } = newest.header;
    head = { sequence, digest };
    const held = await ports.received.held();
    const list = await partner.list(sequence);
    const between = held ? await headersBetween(ports, partner, keys, held.sequence, sequence) : [];
    const verdict = await judge(ports, list, keys, between, actor);
    if (verdict.kind === 'refused') await ports.received.refuse(verdict.reason, head);
    return verdict;
  } catch (error) {
    const { code, reason, fields } = toAppError(error);
    if (code !== 'invalid' && code !== 'denied') throw error;
    await ports.received.refuse(reason, head);
    return { kind: 'refused', reason, path: fields[0]?.path ?? '' };
  }
}

/** The keys met first are kept: a partner that changes keys has to tell us another way. */
async function pinnedKeys({ received }: PullPorts, partner: Partner): Promise<JSONWebKeySet> {
  const pinned = await received.pinnedKeys();
  if (pinned !== undefined) return pinned;
  await received.pinKeys(await partner.keys());
  return (await received.pinnedKeys()) ?? { keys: [] };
}

async function judge(
  { arrangement, received, verifySignature, now }: PullPorts,
  { header, rows, signature }: FetchedList,
  keys: JSONWebKeySet,
  between: ListHeader[],
  actor: string,
): Promise<Verdict> {
  const signatureValid = await verifySignature(headerText(header), signature, keys);
  return received.receive(
    { header, rows, signature, signatureValid, between },
    (list, known) => judgeList(list, known, arrangement, now()),
    actor,
  );
}

const pagesMax = 20;

/** The signed headers after the list held and before the newest, oldest first; those that do not verify are left out. */
async function headersBetween(
  { verifySignature }: PullPorts,
  partner: Partner,
  keys: JSONWebKeySet,
  held: number,
  newest: number,
): Promise<ListHeader[]> {
  const found: SignedHeader[] = [];
  for (let before = newest, page = 0; before > held + 1 && page < pagesMax; page += 1) {
    const headers = await partner.headers(before);
    const oldest = headers.at(-1)?.header.sequence;
    if (oldest === undefined || oldest >= before) break;
    found.push(...headers);
    before = oldest;
  }
  const signed = await Promise.all(
    found
      .filter(({ header }) => header.sequence > held)
      .map(async (each) =>
        (await verifySignature(headerText(each.header), each.signature, keys)) ? each.header : undefined,
      ),
  );
  return signed.filter((header) => header !== undefined).toReversed();
}
