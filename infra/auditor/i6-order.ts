import type { common, exchangeStatus, registryStatus } from '@aeo/proto';
import { isNewer, type OperatorRow, type AuditRow, type TopicRecord, type Version } from './audited-state.ts';
import { startComparison, type Comparison, type Finding } from './report.ts';

export type OrderRecords = {
  registered: readonly OperatorRow[];
  audit: readonly AuditRow[];
  operators: readonly TopicRecord<registryStatus.OperatorStatus>[];
  partners: readonly TopicRecord<exchangeStatus.PartnerStatus>[];
};

/**
 * I6: the versions of an operator rise by one in Postgres; on the status topics the newest version of a key is the last
 * one, which is what compaction keeps, and one version has one content. In between a version may go backwards, where
 * a relay was late: its publisher then publishes the present state again. What a node applied is compared with the
 * topic under I10; the order in which it did so is not recorded.
 */
export function versionsAreInOrder({ registered, audit, operators, partners }: OrderRecords): Finding {
  const found = startComparison('I6');
  const last = new Map(registered.map(({ operatorId, version }) => [operatorId, version]));
  for (const [operatorId, rows] of Map.groupBy(audit, (row) => row.operatorId)) {
    const versions = rows.map(({ version }) => version);
    const whole = versions.every((version, index) => [0, 1].includes(version - (versions[index - 1] ?? 0)));
    found.expect(whole, 'versions that do not rise by one', operatorId, { versions });
    const state = last.get(operatorId);
    found.expect(versions.at(-1) === state, 'a state of another version than its log', operatorId, {
      state,
      log: versions.at(-1),
    });
  }
  topicsEndNewest(found, operators, (status) => status.version);
  topicsEndNewest(found, partners, ({ record }) => record?.value.version);
  return found.finding();
}

function topicsEndNewest<Message>(
  found: Comparison,
  records: readonly TopicRecord<Message>[],
  versionOf: (message: Message) => common.StatusVersion | undefined,
): void {
  for (const [key, own] of Map.groupBy(records, ({ key }) => key)) {
    const versions = inOrder(own).flatMap(({ value, hash }) => {
      const version = value && versionOf(value);
      return version === undefined
        ? []
        : [{ version: { epoch: Number(version.epoch), number: Number(version.number) }, hash }];
    });
    const [first] = versions;
    if (first === undefined) continue;
    const newest = versions.reduce(
      (high, { version }) => (isNewer(version, high) ? version : high),
      first.version,
    );
    const end = versions.at(-1)!.version;
    found.expect(!isNewer(newest, end), 'a version that went backwards', key, { newest, end });
    const byVersion = Map.groupBy(versions, ({ version }) => textOf(version));
    for (const [version, same] of byVersion)
      found.expect(new Set(same.map(({ hash }) => hash)).size === 1, 'one version with two contents', key, {
        version,
      });
  }
}

/** Records of one key are on one partition. */
export function inOrder<Value>(records: readonly TopicRecord<Value>[]): TopicRecord<Value>[] {
  return records.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}

const textOf = ({ epoch, number }: Version) => `${epoch}.${number}`;
