import { riskService } from '@aeo/proto';

/** The server takes messages of a mebibyte; what is packed together stays well below. */
const packedBytesMax = 512_000;
/** One declaration may be as large as a message can be, with room for what the transport adds. */
const itemBytesMax = 1_000_000;
/** The server refuses a message with more items. */
const itemsMax = 256;

export type Packed = { messages: riskService.ScoreItem[][]; tooLarge: riskService.ScoreItem[] };

/**
 * Packs items into messages the server takes, in their order. An item that no message can carry is set apart: sent,
 * it would break the stream, and with it the scores of all other items.
 */
export function packItems(items: readonly riskService.ScoreItem[]): Packed {
  const packed: Packed = { messages: [], tooLarge: [] };
  let open: riskService.ScoreItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = riskService.ScoreItem.encode(item).finish().length;
    if (size > itemBytesMax) {
      packed.tooLarge.push(item);
      continue;
    }
    if (open.length === 0 || open.length >= itemsMax || bytes + size > packedBytesMax) {
      open = [];
      bytes = 0;
      packed.messages.push(open);
    }
    open.push(item);
    bytes += size;
  }
  return packed;
}
