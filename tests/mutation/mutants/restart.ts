import type { Mutant } from '../mutant.ts';

/** When a service begins again: after a restore, and from a snapshot. */
export const restartMutants: readonly Mutant[] = [
  {
    name: 'epoch-raised-after-a-restore',
    purpose: 'After a database was set back its statuses stand above those that were published before.',
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
    purpose: 'Nothing is published under the old epoch first.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a restored database publishes every status again under the next epoch, before anything else',
        assertion: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'restore-withdraws-what-is-unknown',
    purpose: 'What the database no longer knows is withdrawn.',
    killedBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a restored database publishes every status again under the next epoch, before anything else',
        assertion: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'exchange-epoch-raised-after-a-restore',
    purpose: 'The same for what a partner said.',
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
    purpose: 'A snapshot that was changed is not begun with.',
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
    purpose: 'Nor is one of another format.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a snapshot of another format is refused with the reason and leaves nothing behind',
        assertion: "to deeply equal [ { at: 'memory', …(1) } ]",
      },
    ],
  },
  {
    name: 'snapshot-offset-in-range',
    purpose: 'Nor is one that is ahead of its topic.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a snapshot that is ahead of the topic is refused, forgotten, and the view rebuilt',
        assertion: "to deeply equal [ 'an offset is out of range' ]",
      },
    ],
  },
  {
    name: 'snapshot-of-a-frozen-partition',
    purpose: 'A snapshot forgets no partition that was frozen.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a partition that was frozen keeps the snapshot before',
        assertion: 'to be Buffer[',
      },
    ],
  },
  {
    name: 'snapshot-while-a-key-is-blocked',
    purpose: 'A snapshot frees no key that was blocked.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'while a key is blocked or freed no snapshot is kept: read again, its records would not free it',
        assertion: 'to be undefined',
      },
    ],
  },
  {
    name: 'snapshot-second-copy',
    purpose: 'A node without its disk begins with the copy.',
    killedBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a node without its disk begins with the copy in Redis, and a copy that is too large is not made',
        assertion: 'to deeply equal []',
      },
    ],
  },
];
