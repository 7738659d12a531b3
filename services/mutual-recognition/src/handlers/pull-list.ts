import { AppError, toAppError } from '@aeo/platform/errors';
import type { UnaryHandler } from '@aeo/platform/grpc';
import { exchangeService } from '@aeo/proto';
import type { JSONWebKeySet } from 'jose';
import { changesOf } from '../domain/changes.ts';
import { headerText, type ListHeader } from '../domain/list.ts';
import { verifyList } from '../domain/verify-list.ts';
import type { Judgement, Partner, Ports, SignedHeader, SignedList } from '../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

type PullPorts = Pick<Ports, 'arrangement' | 'partner' | 'received' | 'verifySignature' | 'now'>;

/** Fetches, verifies and applies the partner's newest list. A list that is refused changes nothing. */
export const pullList =
  (ports: PullPorts): UnaryHandler<exchangeService.PullListRequest, exchangeService.PullListResponse> =>
  async ({ arrangementId }) => {
    ourArrangement(ports.arrangement, arrangementId);
    const { partner, received } = ports;
    if (partner === undefined)
      throw new AppError('unavailable', 'UNAVAILABLE', 'no address of the partner is set');
    const judgement = await fetchAndJudge(ports, partner);
    await received.activate();
    const held = await received.held();
    if (judgement.kind === 'accepted' && held !== undefined)
      // A partner that cannot take the receipt has sent a good list all the same.
      await partner.acknowledge(held.sequence, 'accepted').catch(() => undefined);
    return exchangeService.PullListResponse.fromPartial({
      sequence: BigInt(held?.sequence ?? 0),
      listed: BigInt(held?.listed ?? 0),
      recognised: BigInt(held?.recognised ?? 0),
      refused: judgement.kind === 'refused' ? [{ code: judgement.reason, count: 1n }] : [],
    });
  };

async function fetchAndJudge(ports: PullPorts, partner: Partner): Promise<Judgement> {
  let sequence: number | undefined;
  try {
    const keys = await pinnedKeys(ports, partner);
    const [newest] = await partner.headers(undefined);
    if (newest === undefined) return { kind: 'unchanged' };
    sequence = newest.header.sequence;
    const list = await partner.list(sequence);
    const held = await ports.received.held();
    const between = held ? await headersBetween(ports, partner, keys, held.sequence, sequence) : [];
    const judgement = await judgeAndApply(ports, list, keys, between);
    if (judgement.kind === 'refused') await ports.received.refuse(judgement.reason, sequence);
    return judgement;
  } catch (error) {
    const { code, reason } = toAppError(error);
    if (code !== 'invalid' && code !== 'denied') throw error;
    await ports.received.refuse(reason, sequence);
    return { kind: 'refused', reason };
  }
}

/** The keys met first are kept: a partner that changes keys has to tell us another way. */
async function pinnedKeys({ received }: PullPorts, partner: Partner): Promise<JSONWebKeySet> {
  const pinned = await received.pinnedKeys();
  if (pinned !== undefined) return pinned;
  await received.pinKeys(await partner.keys());
  return (await received.pinnedKeys()) ?? { keys: [] };
}

async function judgeAndApply(
  { arrangement, received, verifySignature, now }: PullPorts,
  list: SignedList,
  keys: JSONWebKeySet,
  between: ListHeader[],
): Promise<Judgement> {
  const { header, rows, signature } = list;
  const signatureValid = await verifySignature(headerText(header), signature, keys);
  return received.accept(
    list,
    (held, listedNow) =>
      verifyList({ header, rows, signatureValid, between }, held, listedNow, arrangement, now()),
    (operators) => changesOf(operators, rows, header.sequence),
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
