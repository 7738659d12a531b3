/** Writes values one after the other, tightly; what was written is copied out by `take`. */
export type PackedWriter = {
  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void;
  /** From 0 to 2^64 - 1. */
  big(value: bigint): void;
  /** A UUID in its usual spelling takes 17 bytes, any other text its UTF-8 bytes and their number. */
  text(value: string): void;
  /** To the millisecond; whole seconds take fewer bytes. */
  time(value: Date | undefined): void;
  /** As they are, without their number. */
  raw(value: Uint8Array): void;
  bytes(): Uint8Array;
  clear(): void;
};

export type PackedReader = {
  number(): number;
  big(): bigint;
  text(): string;
  time(): Date | undefined;
  /** The next so many bytes as they are. */
  rest(count: number): Uint8Array;
};

const usualUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Where a text is a UUID, this stands in the place of its length plus one. */
const uuidMark = 0;
const noTime = 0;
const bigFrom = 2n ** 52n;

export function createPackedWriter(): PackedWriter {
  let buffer = Buffer.allocUnsafe(1_024);
  let end = 0;
  const room = (count: number) => {
    if (end + count <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, end + count));
    buffer.copy(larger, 0, 0, end);
    buffer = larger;
  };
  const number = (value: number) => {
    room(8);
    let rest = value;
    while (rest >= 0x80) {
      buffer[end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    buffer[end++] = rest;
  };
  return {
    number,
    big(value) {
      // An even number is twice the value; a one says that the value follows in two halves.
      if (value < bigFrom) return number(Number(value) * 2);
      number(1);
      number(Number(value >> 32n));
      number(Number(value & 0xffff_ffffn));
    },
    text(value) {
      if (usualUuid.test(value)) {
        number(uuidMark);
        room(16);
        end += buffer.write(value.replaceAll('-', ''), end, 'hex');
        return;
      }
      const length = Buffer.byteLength(value);
      number(length + 1);
      room(length);
      end += buffer.write(value, end, 'utf8');
    },
    time(value) {
      // Zero says that there is none; the lowest bits say before or after the epoch, and seconds or milliseconds.
      if (value === undefined) return number(noTime);
      const ms = value.getTime();
      const whole = ms % 1_000 === 0;
      const amount = Math.abs(whole ? ms / 1_000 : ms);
      number(amount * 4 + (ms < 0 ? 2 : 0) + (whole ? 1 : 0) + 1);
    },
    raw(value) {
      room(value.length);
      buffer.set(value, end);
      end += value.length;
    },
    bytes: () => buffer.subarray(0, end),
    clear: () => void (end = 0),
  };
}

/** Reads in the order of writing, from a place in the bytes. */
export function createPackedReader(bytes: Buffer, start: number): PackedReader {
  let at = start;
  const number = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  };
  return {
    number,
    big() {
      const mark = number();
      return mark % 2 === 0 ? BigInt(mark / 2) : (BigInt(number()) << 32n) + BigInt(number());
    },
    text() {
      const mark = number();
      if (mark === uuidMark) {
        const hex = bytes.toString('hex', at, at + 16);
        at += 16;
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
      }
      at += mark - 1;
      return bytes.toString('utf8', at - mark + 1, at);
    },
    time() {
      const mark = number();
      if (mark === noTime) return undefined;
      const [flags, amount] = [(mark - 1) % 4, Math.floor((mark - 1) / 4)];
      const ms = flags % 2 === 1 ? amount * 1_000 : amount;
      return new Date(flags >= 2 ? -ms : ms);
    },
    rest(count) {
      at += count;
      return bytes.subarray(at - count, at);
    },
  };
}
