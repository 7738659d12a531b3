import type { exchangeStatus } from '../vocabulary.ts';
import { slotAt } from './membership-slot.ts';
import { isNewer } from './version-fence.ts';

type ListActivated = exchangeStatus.ListActivated;
export type PlacedMember = { membership: exchangeStatus.PartnerMembership; partition: number };

/** Everything a switch holds. */
export type ListState = {
  current: ListActivated | undefined;
  markers: [partition: number, marker: ListActivated][];
  blocked: number[];
};

/** Switches from one whole list to the next, never to a part of one. */
export type ListSwitch = {
  activated(record: ListActivated, partition: number): boolean;
  memberChanged(before: PlacedMember | undefined, after: PlacedMember): void;
  block(partition: number): void;
  blockedKeys(): number;
  /** The list in force; undefined until one was complete. */
  current(): ListActivated | undefined;
  /** The newest terms read; not live as soon as one partition says so. */
  terms(): exchangeStatus.ArrangementTerms | undefined;
  state(): ListState;
  /** Replaces what is held; the members have to be restored before. */
  restore(state: ListState): void;
};

/** The members that are listed under a sequence, counted by partition. */
type ListedCounts = { sequence: bigint; counts: number[] };

/** The list in force, and the one whose members are still being read. */
type Lists = { current: ListActivated | undefined; next: ListedCounts | undefined };

export function createListSwitch(partitions: number, members: () => Iterable<PlacedMember>): ListSwitch {
  const records = new Map<number, ListActivated>();
  const blocked = new Set<number>();
  const lists: Lists = { current: undefined, next: undefined };

  const switchWhenComplete = () => {
    if (lists.next === undefined || blocked.size > 0 || !isComplete(records, lists.next)) return;
    lists.current = records.get(0);
    lists.next = undefined;
  };

  const awaitMembers = () => {
    const sequence = commonSequence(records, partitions);
    if (sequence !== undefined)
      lists.next = { sequence, counts: countListed(members(), sequence, partitions) };
  };

  return {
    activated(record, partition) {
      if (!isNewer(record.version, records.get(partition)?.version)) return false;
      records.set(partition, record);
      blocked.delete(partition);
      awaitMembers();
      switchWhenComplete();
      return true;
    },
    memberChanged(before, after) {
      if (lists.next === undefined) return;
      const { counts, sequence } = lists.next;
      if (before !== undefined) addListed(counts, before, sequence, -1);
      addListed(counts, after, sequence, 1);
      switchWhenComplete();
    },
    block: (partition) => void blocked.add(partition),
    blockedKeys: () => blocked.size,
    current: () => lists.current,
    terms: () => newestTerms([...records.values()]),
    state: () => ({ current: lists.current, markers: [...records], blocked: [...blocked] }),
    restore(state) {
      lists.current = state.current;
      for (const [partition, marker] of state.markers) records.set(partition, marker);
      for (const partition of state.blocked) blocked.add(partition);
      const inForce = lists.current?.sequence;
      if (inForce === undefined || commonSequence(records, partitions) !== inForce) awaitMembers();
    },
  };
}

/** True once every partition has activated the sequence and has as many members as it announced. */
function isComplete(
  records: ReadonlyMap<number, ListActivated>,
  { sequence, counts }: ListedCounts,
): boolean {
  const total = BigInt(counts.reduce((sum, count) => sum + count, 0));
  return counts.every((count, partition) => {
    const record = records.get(partition);
    return record?.sequence === sequence && record.partitionCount === BigInt(count) && record.count === total;
  });
}

function commonSequence(records: Map<number, ListActivated>, partitions: number): bigint | undefined {
  if (records.size < partitions) return undefined;
  const [first, ...others] = [...records.values()].map((record) => record.sequence);
  return others.every((sequence) => sequence === first) ? first : undefined;
}

function countListed(members: Iterable<PlacedMember>, sequence: bigint, partitions: number): number[] {
  const counts = new Array<number>(partitions).fill(0);
  for (const member of members) addListed(counts, member, sequence, 1);
  return counts;
}

function addListed(counts: number[], member: PlacedMember, sequence: bigint, by: number): void {
  if (slotAt(member.membership, sequence)?.listed !== true) return;
  counts[member.partition] = (counts[member.partition] ?? 0) + by;
}

function newestTerms(records: readonly ListActivated[]): exchangeStatus.ArrangementTerms | undefined {
  let newest: ListActivated | undefined;
  for (const record of records) {
    if (record.terms !== undefined && (newest === undefined || isNewer(record.version, newest.version)))
      newest = record;
  }
  if (newest?.terms === undefined) return undefined;
  const top = newest.version;
  // Versions of one activation may differ from partition to partition, so only newer sequences overrule.
  const dead = records.some((record) => record.terms?.live === false && record.sequence >= newest.sequence);
  return top === undefined || dead ? { ...newest.terms, live: false } : newest.terms;
}
