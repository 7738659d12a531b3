/** What a trial needs from the outside; times are epoch milliseconds. */
export type TrialPorts = {
  /** True where the answer granted priority. */
  getPriority(): Promise<boolean>;
  /** A new probe declaration of the operator: whether its decision carried a credit for it, and when it was recorded. */
  assess(): Promise<{ benefit: boolean; decidedAtMs: number | undefined }>;
  /** The registry database's clock, read after the commit. */
  suspend(): Promise<{ answeredAtMs: number; effectiveFromMs: number }>;
  reinstate(): Promise<void>;
  nowMs(): number;
  pause(ms: number): Promise<void>;
};

export type TrialSettings = {
  pollEveryMs: number;
  boundMs: number;
  watchAfterBoundMs: number;
  beforeMs: number;
};

/** One suspension, seen from the clients' side. */
export type Trial = {
  counted: boolean;
  reason: string;
  visibleMs: number;
  /** Answers with a benefit after the bound: priority by the time received, decisions by the time recorded. */
  late: { getPriority: number; assess: number };
  pollsPerSecond: { getPriority: number; assess: number };
};

type Answer = {
  kind: 'getPriority' | 'assess';
  benefit: boolean;
  receivedMs: number;
  decidedAtMs: number | undefined;
};

const pollsPerSecondMin = 50;

/**
 * Polls both ways of asking, suspends, watches until after the bound, reinstates. The trial counts only if both
 * ways gave a benefit within the second before, a refusal after, and were polled at least 50 times a second.
 */
export async function suspensionTrial(ports: TrialPorts, settings: TrialSettings): Promise<Trial> {
  const answers: Answer[] = [];
  const polling = new AbortController();
  const startedMs = ports.nowMs();
  const pollers = Promise.all([
    poll(ports, settings, polling.signal, async () => {
      answers.push({ kind: 'getPriority', benefit: await ports.getPriority(), ...stamp(ports) });
    }),
    poll(ports, settings, polling.signal, async () => {
      const { benefit, decidedAtMs } = await ports.assess();
      answers.push({ kind: 'assess', benefit, receivedMs: ports.nowMs(), decidedAtMs });
    }),
  ]);
  await ports.pause(settings.beforeMs);
  const askedMs = ports.nowMs();
  const { answeredAtMs, effectiveFromMs } = await ports.suspend();
  const answeredMs = ports.nowMs();
  await ports.pause(settings.boundMs + settings.watchAfterBoundMs);
  polling.abort();
  const endedMs = ports.nowMs();
  await pollers;
  await ports.reinstate();
  const boundMs = Math.max(answeredAtMs, effectiveFromMs) + settings.boundMs;
  return judge(answers, { startedMs, askedMs, answeredMs, boundMs, seconds: (endedMs - startedMs) / 1000 });
}

function stamp(ports: TrialPorts): { receivedMs: number; decidedAtMs: undefined } {
  return { receivedMs: ports.nowMs(), decidedAtMs: undefined };
}

/** Open loop: a slow answer does not hold back the next question. */
async function poll(
  ports: TrialPorts,
  settings: TrialSettings,
  signal: AbortSignal,
  ask: () => Promise<void>,
): Promise<void> {
  const asked: Promise<void>[] = [];
  const firstMs = ports.nowMs();
  while (!signal.aborted) {
    // A question without an answer is no evidence either way; the rate check notices when there are many.
    asked.push(ask().catch(() => undefined));
    await ports.pause(firstMs + asked.length * settings.pollEveryMs - ports.nowMs());
  }
  await Promise.all(asked);
}

type Moments = { startedMs: number; askedMs: number; answeredMs: number; boundMs: number; seconds: number };

function judge(answers: Answer[], moments: Moments): Trial {
  const of = (kind: Answer['kind']) => answers.filter((answer) => answer.kind === kind);
  const rate = (kind: Answer['kind']) => of(kind).length / moments.seconds;
  const pollsPerSecond = { getPriority: rate('getPriority'), assess: rate('assess') };
  const first = (kind: Answer['kind']) =>
    of(kind).find(({ benefit, receivedMs }) => !benefit && receivedMs >= moments.askedMs)?.receivedMs;
  const seenBefore = (kind: Answer['kind']) =>
    of(kind).some(
      ({ benefit, receivedMs }) =>
        benefit && receivedMs <= moments.askedMs && receivedMs > moments.askedMs - 1000,
    );
  const refusedMs = [first('getPriority'), first('assess')];
  const reason = !(seenBefore('getPriority') && seenBefore('assess'))
    ? 'no benefit seen in the second before'
    : refusedMs.includes(undefined)
      ? 'no refusal seen after'
      : Math.min(pollsPerSecond.getPriority, pollsPerSecond.assess) < pollsPerSecondMin
        ? 'polled less than 50 times a second'
        : '';
  const visibleMs = Math.max(
    0,
    Math.max(...refusedMs.map((each) => each ?? Number.NaN)) - moments.answeredMs,
  );
  const late = answers.filter(
    ({ benefit, receivedMs, decidedAtMs }) => benefit && (decidedAtMs ?? receivedMs) >= moments.boundMs,
  );
  const lateOf = (kind: Answer['kind']) => late.filter((answer) => answer.kind === kind).length;
  const counts = { getPriority: lateOf('getPriority'), assess: lateOf('assess') };
  return { counted: reason === '', reason, visibleMs, late: counts, pollsPerSecond };
}
