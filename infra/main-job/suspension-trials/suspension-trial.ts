/** What an answer says of the operator: it counts, it is suspended, or neither can be told (a stale source, say). */
export type ObservedStatus = 'benefit' | 'suspended' | 'other';

/** What a trial needs from the outside; times are epoch milliseconds. */
export type TrialPorts = {
  getPriority(): Promise<ObservedStatus>;
  /** A new probe declaration of the operator, and when its decision was recorded. */
  assess(): Promise<{ standing: ObservedStatus; decidedAtMs: number | undefined }>;
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
  standing: ObservedStatus;
  receivedMs: number;
  decidedAtMs: number | undefined;
};

const pollsPerSecondMin = 50;

/**
 * Polls both ways of asking, suspends, watches until after the bound, reinstates. The trial counts only if both
 * ways gave a benefit within the second before, said `suspended` after, and were polled at least 50 times a second.
 *
 * @throws what suspending or reinstating throws, when the polling has ended and reinstating was tried
 */
export async function suspensionTrial(ports: TrialPorts, settings: TrialSettings): Promise<Trial> {
  const answers: Answer[] = [];
  const polling = new AbortController();
  const startedMs = ports.nowMs();
  const pollers = Promise.all([
    poll(ports, settings, polling.signal, async () => {
      answers.push({ kind: 'getPriority', standing: await ports.getPriority(), ...stamp(ports) });
    }),
    poll(ports, settings, polling.signal, async () => {
      const { standing, decidedAtMs } = await ports.assess();
      answers.push({ kind: 'assess', standing, receivedMs: ports.nowMs(), decidedAtMs });
    }),
  ]);
  let moments: Moments;
  try {
    await ports.pause(settings.beforeMs);
    const askedMs = ports.nowMs();
    const { answeredAtMs, effectiveFromMs } = await ports.suspend();
    const answeredMs = ports.nowMs();
    await ports.pause(settings.boundMs + settings.watchAfterBoundMs);
    const boundMs = Math.max(answeredAtMs, effectiveFromMs) + settings.boundMs;
    moments = { askedMs, answeredMs, boundMs, seconds: (ports.nowMs() - startedMs) / 1000 };
  } finally {
    polling.abort();
    await pollers;
    // Also after a suspension whose answer was lost: what it left suspended must not stay so.
    await ports.reinstate();
  }
  return judge(answers, moments);
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

type Moments = { askedMs: number; answeredMs: number; boundMs: number; seconds: number };

function judge(answers: Answer[], moments: Moments): Trial {
  const ways = (['getPriority', 'assess'] as const).map((kind) =>
    judgeWay(
      answers.filter((answer) => answer.kind === kind),
      moments,
    ),
  );
  const [getPriority, assess] = ways as [Way, Way];
  const reason = !ways.every(({ benefitBefore }) => benefitBefore)
    ? 'no benefit seen in the second before'
    : ways.some(({ suspendedMs }) => suspendedMs === undefined)
      ? 'no refusal seen after'
      : ways.some(({ pollsPerSecond }) => pollsPerSecond < pollsPerSecondMin)
        ? 'polled less than 50 times a second'
        : '';
  const suspendedMs = Math.max(...ways.map((way) => way.suspendedMs ?? Number.NaN));
  return {
    counted: reason === '',
    reason,
    visibleMs: Math.max(0, suspendedMs - moments.answeredMs),
    late: { getPriority: getPriority.late, assess: assess.late },
    pollsPerSecond: { getPriority: getPriority.pollsPerSecond, assess: assess.pollsPerSecond },
  };
}

type Way = {
  benefitBefore: boolean;
  /** The first time it said `suspended` with no benefit received later. */
  suspendedMs: number | undefined;
  late: number;
  pollsPerSecond: number;
};

function judgeWay(answers: Answer[], { askedMs, boundMs, seconds }: Moments): Way {
  const benefits = answers.filter(({ standing }) => standing === 'benefit');
  const lastBenefitMs = Math.max(askedMs, ...benefits.map(({ receivedMs }) => receivedMs));
  return {
    benefitBefore: benefits.some(({ receivedMs }) => receivedMs <= askedMs && receivedMs > askedMs - 1000),
    suspendedMs: answers.find(
      ({ standing, receivedMs }) => standing === 'suspended' && receivedMs >= lastBenefitMs,
    )?.receivedMs,
    late: benefits.filter(({ receivedMs, decidedAtMs }) => (decidedAtMs ?? receivedMs) >= boundMs).length,
    pollsPerSecond: answers.length / seconds,
  };
}
