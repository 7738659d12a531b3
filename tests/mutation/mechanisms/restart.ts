import type { Mechanism } from '../mechanism.ts';

/** When a service begins again: after a restore, and from a snapshot. */
export const restartMechanisms: readonly Mechanism[] = [
  {
    name: 'epoch-raised-after-a-restore',
    purpose: 'After a database was set back its statuses stand above those that were published before.',
    caughtBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a database that was set back says everything again under the next epoch, before anything else',
        says: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'epoch-raised-before-publishing',
    purpose: 'Nothing is published under the old epoch first.',
    caughtBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a database that was set back says everything again under the next epoch, before anything else',
        says: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'restore-withdraws-what-is-unknown',
    purpose: 'What the database no longer knows is withdrawn.',
    caughtBy: [
      {
        file: 'services/aeo-registry/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'a database that was set back says everything again under the next epoch, before anything else',
        says: 'to have a length of 3',
      },
    ],
  },
  {
    name: 'exchange-epoch-raised-after-a-restore',
    purpose: 'The same for what a partner said.',
    caughtBy: [
      {
        file: 'services/mutual-recognition/src/adapters/status-epoch.postgres.int.test.ts',
        test: 'an exchange that was set back says everything again under the next epoch, once',
        says: 'to deeply equal [ { rows: 2 } ]',
      },
    ],
  },
  {
    name: 'snapshot-checksum',
    purpose: 'A snapshot that was changed is not begun with.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a snapshot with another checksum is refused with the reason and leaves nothing behind',
        says: 'to deeply equal []',
      },
    ],
  },
  {
    name: 'snapshot-format-version',
    purpose: 'Nor is one of another format.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a snapshot of another format is refused with the reason and leaves nothing behind',
        says: "to deeply equal [ { at: 'memory', …(1) } ]",
      },
    ],
  },
  {
    name: 'snapshot-offset-in-range',
    purpose: 'Nor is one that is ahead of its topic.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a snapshot that is ahead of the topic is refused, forgotten, and the view rebuilt',
        says: "to deeply equal [ 'an offset is out of range' ]",
      },
    ],
  },
  {
    name: 'snapshot-of-a-frozen-partition',
    purpose: 'A snapshot forgets no partition that was frozen.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'a partition that was frozen keeps the snapshot before',
        says: 'to be Buffer[',
      },
    ],
  },
  {
    name: 'snapshot-while-a-key-is-blocked',
    purpose: 'A snapshot frees no key that was blocked.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/application/status-view/snapshots.test.ts',
        test: 'while a key is blocked or freed no snapshot is kept: read again, its records would not free it',
        says: 'to be undefined',
      },
    ],
  },
  {
    name: 'snapshot-second-copy',
    purpose: 'A node without its disk begins with the copy.',
    caughtBy: [
      {
        file: 'services/clearance-priority/src/edge/kafka/status-intake.int.test.ts',
        test: 'a node without its disk begins with the copy in Redis, and a copy that is too large is not made',
        says: 'to deeply equal []',
      },
    ],
  },
];
