import { registryStatus, type common } from '../vocabulary.ts';
import { identifierKey } from './identifier-index.ts';
import type { PackedReader, PackedWriter } from './packed-bytes.ts';
import type { Packing } from './packed-store.ts';

type OperatorStatus = registryStatus.OperatorStatus;
type Component = registryStatus.StatusComponent;
/** What certificates of one programme version and tier have in common. */
type Shared = Omit<
  Component,
  'certificateId' | 'validity' | 'times' | 'sharing' | 'sharedWith' | '_unknownFields'
>;
type Kind = Pick<OperatorStatus, 'source' | 'sizeClass' | 'erased'>;
type Issuer = Pick<common.Identifier, 'scheme' | 'country'>;

/** Whether the record is kept as its message's own bytes: only so does everything in it survive. */
const form = { packed: 0, plain: 1 };

/**
 * An operator's status with what many share kept once. A record with fields of a later version of the contract is
 * kept as it came. When it was published, and with whom abroad it may be shared, is left out: nothing reads that here.
 */
export function operatorPacking(): Packing<OperatorStatus> {
  const shared = createDictionary<Shared>();
  const issuers = createDictionary<Issuer>();
  const kinds = createDictionary<Kind>();
  return {
    keyOf: ({ operatorId }) => operatorId,
    claimsOf: claimedIdentifiers,
    write(status, to) {
      if (hasUnknownFields(status)) return writePlain(status, to);
      const { source, sizeClass, erased } = status;
      to.number(form.packed);
      to.number(kinds.numberOf({ source, sizeClass, erased }));
      writeVersion(status.version, to);
      to.number(status.identifiers.length);
      for (const claim of status.identifiers) {
        writeIdentifier(claim.identifier, issuers, to);
        writeValidity(claim.validity, to);
      }
      to.number(status.components.length);
      for (const component of status.components) writeComponent(component, shared, to);
    },
    read(operatorId, from) {
      if (from.number() === form.plain) return registryStatus.OperatorStatus.decode(from.rest(from.number()));
      const head = { operatorId, ...kinds.at(from.number()), version: readVersion(from) };
      const identifiers = repeat(from.number(), () => ({
        identifier: readIdentifier(issuers, from),
        validity: readValidity(from),
      }));
      const components = repeat(from.number(), () => readComponent(shared, from));
      return { ...head, identifiers, components, publishedAt: undefined };
    },
  };
}

/** An erased operator claims nothing. */
function claimedIdentifiers({ erased, identifiers }: OperatorStatus): string[] {
  if (erased) return [];
  return identifiers.flatMap(({ identifier }) =>
    identifier === undefined ? [] : [identifierKey(identifier)],
  );
}

function writePlain(status: OperatorStatus, to: PackedWriter): void {
  const bytes = registryStatus.OperatorStatus.encode(status).finish();
  to.number(form.plain);
  to.number(bytes.length);
  to.raw(bytes);
}

function hasUnknownFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  return Object.entries(value).some(([name, held]) =>
    name === '_unknownFields' ? Object.keys((held ?? {}) as object).length > 0 : hasUnknownFields(held),
  );
}

function writeVersion(version: common.StatusVersion | undefined, to: PackedWriter): void {
  to.number(version === undefined ? 0 : 1);
  if (version === undefined) return;
  to.big(version.epoch);
  to.big(version.number);
}

function readVersion(from: PackedReader): common.StatusVersion | undefined {
  return from.number() === 0 ? undefined : { epoch: from.big(), number: from.big() };
}

function writeIdentifier(
  identifier: common.Identifier | undefined,
  issuers: Dictionary<Issuer>,
  to: PackedWriter,
): void {
  to.number(identifier === undefined ? 0 : 1);
  if (identifier === undefined) return;
  const { scheme, country, value } = identifier;
  to.number(issuers.numberOf({ scheme, country }));
  to.text(value);
}

function readIdentifier(issuers: Dictionary<Issuer>, from: PackedReader): common.Identifier | undefined {
  return from.number() === 0 ? undefined : { ...issuers.at(from.number()), value: from.text() };
}

function writeValidity(validity: common.Validity | undefined, to: PackedWriter): void {
  to.number(validity === undefined ? 0 : 1);
  if (validity === undefined) return;
  to.time(validity.validFrom);
  to.time(validity.validUntil);
}

function readValidity(from: PackedReader): common.Validity | undefined {
  return from.number() === 0 ? undefined : { validFrom: from.time(), validUntil: from.time() };
}

function writeComponent(component: Component, dictionary: Dictionary<Shared>, to: PackedWriter): void {
  const { component: id, programmeId, programmeVersion, tier, status, purposes, credits } = component;
  const { certificateId, validity, times, validated, conditions } = component;
  const held = { component: id, programmeId, programmeVersion, tier, status, purposes, credits };
  to.number(dictionary.numberOf({ ...held, validated, conditions }));
  to.text(certificateId);
  writeValidity(validity, to);
  to.number(times === undefined ? 0 : 1);
  if (times === undefined) return;
  for (const time of [times.decidedAt, times.notifiedAt, times.effectiveFrom, times.receivedAt])
    to.time(time);
}

const notKept = { sharing: registryStatus.Sharing.UNSPECIFIED, sharedWith: [] };

function readComponent(dictionary: Dictionary<Shared>, from: PackedReader): Component {
  const shared = dictionary.at(from.number());
  const known = { ...shared, ...notKept, certificateId: from.text(), validity: readValidity(from) };
  if (from.number() === 0) return { ...known, times: undefined };
  const [decidedAt, notifiedAt] = [from.time(), from.time()];
  return { ...known, times: { decidedAt, notifiedAt, effectiveFrom: from.time(), receivedAt: from.time() } };
}

function repeat<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

/** Values that many records share, by number. It only grows: with programmes and issuers, not with operators. */
type Dictionary<T> = { numberOf(value: T): number; at(number: number): T };

function createDictionary<T extends object>(): Dictionary<T> {
  const numbers = new Map<string, number>();
  const values: T[] = [];
  return {
    numberOf(value) {
      const text = JSON.stringify(value);
      const held = numbers.get(text);
      if (held !== undefined) return held;
      numbers.set(text, values.length);
      return values.push(value) - 1;
    },
    at(number) {
      const value = values[number];
      if (value === undefined) throw new Error('a shared value that was never kept');
      return value;
    },
  };
}
