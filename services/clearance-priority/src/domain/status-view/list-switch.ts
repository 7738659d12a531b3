import type { exchangeStatus } from '../vocabulary.ts';
import { slotAt } from './membership-slot.ts';
import { isNewer } from './version-fence.ts';

type ListActivated = exchangeStatus.ListActivated;
export type PlacedMember = { membership: exchangeStatus.PartnerMembership; partition: number };

/** Everything a switch holds, as it stands. */
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
  /** Takes the place of what is held; the members have to be there already. */
  restore(state: ListState): void;
};

export function createListSwitch(partitions: number, members: () => Iterable<PlacedMember>): ListSwitch {
  const records = new Map<number, ListActivated>();
  const blocked = new Set<number>();
  let current: ListActivated | undefined;
  let waiting: { sequence: bigint; counts: number[] } | undefined;

  const switchWhenComplete = () => {
    if (waiting === undefined || blocked.size > 0) return;
    const { sequence, counts } = waiting;
    const total = counts.reduce((sum, count) => sum + count, 0);
    for (let partition = 0; partition < partitions; partition += 1) {
      const record = records.get(partition);
      if (record?.sequence !== sequence || record.partitionCount !== BigInt(counts[partition] ?? 0)) return;
      if (record.count !== BigInt(total)) return;
    }
    current = records.get(0);
    waiting = undefined;
  };

  const awaitMembers = () => {
    const sequence = commonSequence(records, partitions);
    if (sequence !== undefined) waiting = { sequence, counts: countListed(members(), sequence, partitions) };
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
      if (waiting === undefined) return;
      if (before !== undefined) addListed(waiting.counts, before, waiting.sequence, -1);
      addListed(waiting.counts, after, waiting.sequence, 1);
      switchWhenComplete();
    },
    block: (partition) => void blocked.add(partition),
    blockedKeys: () => blocked.size,
    current: () => current,
    terms: () => newestTerms([...records.values()]),
    state: () => ({ current, markers: [...records], blocked: [...blocked] }),
    restore(state) {
      current = state.current;
      for (const [partition, marker] of state.markers) records.set(partition, marker);
      for (const partition of state.blocked) blocked.add(partition);
      if (current === undefined || commonSequence(records, partitions) !== current.sequence) awaitMembers();
    },
  };
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
