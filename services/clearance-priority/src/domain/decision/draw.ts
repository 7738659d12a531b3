import { createHash, createHmac } from 'node:crypto';
import type { clearanceDecision, declaration } from '../vocabulary.ts';

export type RandomDraw = clearanceDecision.RandomDraw;

const million = 1_000_000n;

/** The key of one day: HMAC-SHA256(master, yyyy-mm-dd). Given to auditors after the day, its hash before. */
export function dayKey(master: Uint8Array, day: string): Buffer {
  return createHmac('sha256', master).update(day).digest();
}

/** The published name of a day key: its SHA-256, hexadecimal. */
function dayKeyId(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex');
}

/** What the draw is made for: the consignment, whatever version of the declaration speaks of it. */
export function consignmentKey(
  goods: Pick<declaration.Declaration, 'transportDocument' | 'declarationId'>,
): string {
  return goods.transportDocument === ''
    ? `declaration/${goods.declarationId}`
    : `transport-document/${goods.transportDocument}`;
}

/** Draws once for a consignment. The same key, day and consignment always give the same draw. */
export function drawRandom(
  key: Uint8Array,
  day: string,
  consignment: string,
  probabilityPpm: number,
): RandomDraw {
  const hash = createHmac('sha256', key).update(consignment).digest();
  const valuePpm = Number((hash.readBigUInt64BE(0) * million) >> 64n);
  return { keyId: dayKeyId(key), day, probabilityPpm, selected: valuePpm < probabilityPpm, valuePpm };
}
