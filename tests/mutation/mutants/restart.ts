import type { Mutant } from '../mutant.ts';

/** Mechanisms of a restart: after a restore, and from a snapshot. */
export const restartMutants: readonly Mutant[] = [
  {
    name: 'epoch-raised-after-restore',
    purpose: 'After a database restore, statuses have a higher version than those published before.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a restored database publishes every status again under the next epoch, before anything else',
        assertion: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'epoch-raised-before-publishing',
    purpose: 'Nothing is published under the old epoch after a restore.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a restored database publishes every status again under the next epoch, before anything else',
        assertion: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'unknown-operators-withdrawn-after-restore',
    purpose: 'Operators that the restored database does not contain are withdrawn.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a restored database publishes every status again under the next epoch, before anything else',
        assertion: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'exchange-epoch-raised-after-restore',
    purpose: 'The statuses of a partner have a higher version after a restore of the exchange.',
    killedBy: [
      {
        file: 'services/mutual-recognition/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'an exchange that was set back publishes everything again under the next epoch, once',
        assertion: 'to deeply equal [ { rows: 2 } ]',
      },
    ],
  },
  {
    name: 'snapshot-checksum',
    purpose: 'A snapshot with a wrong checksum is refused.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a snapshot with another checksum is refused with the reason and leaves nothing behind',
        assertion: 'to deeply equal []',
      },
    ],
  },
  {
    name: 'snapshot-format-version',
    purpose: 'A snapshot of another format is refused.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a snapshot of another format is refused with the reason and leaves nothing behind',
        assertion: "to deeply equal [ { at: 'memory', …(1) } ]",
      },
    ],
  },
  {
    name: 'snapshot-offset-range',
    purpose: 'A snapshot with offsets beyond its topic is refused.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a snapshot that is ahead of the topic is refused, forgotten, and the view rebuilt',
        assertion: "to deeply equal [ 'an offset is out of range' ]",
      },
    ],
  },
  {
    name: 'no-snapshot-of-frozen-partition',
    purpose: 'A snapshot is not taken while a partition is frozen.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a partition that was frozen keeps the snapshot before',
        assertion: 'to be Buffer[',
      },
    ],
  },
  {
    name: 'no-snapshot-with-blocked-key',
    purpose: 'A snapshot is not taken while a key is blocked.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'no snapshot is saved while a key is blocked or released: its records would not release it when read again',
        assertion: 'to be undefined',
      },
    ],
  },
  {
    name: 'snapshot-copy-in-redis',
    purpose: 'A node that lost its disk starts from the copy in Redis.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a node without its disk begins with the copy in Redis, and a copy that is too large is not made',
        assertion: 'to deeply equal []',
      },
    ],
  },
];
