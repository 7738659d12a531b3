/** What one metric measures. Attributes are few and closed: never an identifier of a trader. */
type Declaration = {
  kind: 'histogram' | 'counter' | 'gauge';
  unit: string;
  description: string;
  attributes: readonly string[];
};

/**
 * Every metric of this project, declared before use. Names and attributes of requests, messages and statements are
 * those of OpenTelemetry's semantic conventions; the field's own begin with `aeo.`. At `/metrics` dots are written as
 * underscores, histograms end in `_bucket`, `_sum` and `_count`, counters in `_total`; no unit is added to a name.
 */
export const declaredMetrics = {
  'rpc.server.call.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Unary calls answered.',
    attributes: ['rpc.method', 'rpc.response.status_code', 'error.type'],
  },
  'http.server.request.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Requests answered over HTTP.',
    attributes: ['http.request.method', 'http.route', 'http.response.status_code'],
  },
  'messaging.process.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Records handled by members of groups.',
    attributes: ['messaging.destination.name', 'messaging.consumer.group.name', 'error.type'],
  },
  'messaging.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Batches sent, until every replica in sync had them.',
    attributes: ['messaging.operation.name', 'messaging.destination.name', 'error.type'],
  },
  'db.client.operation.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'Statements answered by Postgres, by their names or first words.',
    attributes: ['db.query.summary', 'error.type'],
  },
  'aeo.decision.count': {
    kind: 'counter',
    unit: '{decision}',
    description: 'Decisions newly made: a retry that is answered from the record is none.',
    attributes: ['lane', 'reason', 'selection', 'credit', 'outcome', 'probe'],
  },
  'aeo.decision.unrecorded': {
    kind: 'counter',
    unit: '{answer}',
    description: 'Answers given to border posts without a record of the decision.',
    attributes: [],
  },
  'aeo.decision.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'From asking for a decision to its answer, within the node; retries count.',
    attributes: ['mode', 'outcome'],
  },
  'aeo.decision.staleness': {
    kind: 'histogram',
    unit: 's',
    description: 'How old the view of a source was at a new decision: its time less the as_of.',
    attributes: ['source'],
  },
  'aeo.projection.lag': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of what a decision node has seen of a status topic.',
    attributes: ['topic', 'partition'],
  },
  'aeo.outbox.oldest.age': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest row that is known to wait to be published.',
    attributes: [],
  },
  'aeo.consumer.lag': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest record known to wait for a member of a group.',
    attributes: ['group'],
  },
  'aeo.list.age': {
    kind: 'gauge',
    unit: 's',
    description: 'Since the list of the partner that is in force was issued.',
    attributes: ['arrangement'],
  },
  'aeo.list.interval': {
    kind: 'gauge',
    unit: 's',
    description: 'How long after its issue the list in force counts; a newer one must come before.',
    attributes: ['arrangement'],
  },
  'aeo.quarantine.depth': {
    kind: 'gauge',
    unit: '{record}',
    description:
      'Records set aside: those in a dead-letter topic, and keys blocked by a status that cannot be read.',
    attributes: ['topic'],
  },
  'aeo.ledger.imbalance': {
    kind: 'gauge',
    unit: '{row}',
    description: 'Rows that one of decisions, ledger, seals and events has and another lacks; 0 in order.',
    attributes: ['between'],
  },
  'aeo.benefit.after_suspension': {
    kind: 'gauge',
    unit: '{decision}',
    description: 'Recorded benefits of the last hour that a suspension should have prevented; 0 in order.',
    attributes: [],
  },
} as const satisfies Record<string, Declaration>;

type Declared = typeof declaredMetrics;

/** The names of one kind of metric. */
export type MetricName<Kind extends Declaration['kind']> = {
  [Name in keyof Declared]: Declared[Name]['kind'] extends Kind ? Name : never;
}[keyof Declared];

/** The attributes of a metric. */
export type AttributesOf<Name extends keyof Declared> = Partial<
  Record<Declared[Name]['attributes'][number], string | number>
>;
