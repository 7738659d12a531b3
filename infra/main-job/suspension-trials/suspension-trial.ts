/** The operator's status in an answer: it gives a benefit, is suspended, or is unknown, such as from a stale source. */
export type ObservedStatus = 'benefit' | 'suspended' | 'other';

/** What a trial needs from the outside; times are epoch milliseconds. */
export type TrialPorts = {
  getPriority(): Promise<ObservedStatus>;
  /** A new probe declaration of the operator, and when its decision was recorded. */
  assess(): Promise<{ status: ObservedStatus; decidedAtMs: number | undefined }>;
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
  status: ObservedStatus;
  receivedMs: number;
  decidedAtMs: number | undefined;
};

const pollsPerSecondMin = 50;

/**
 * Polls GetPriority and Assess, suspends, watches until after the bound, reinstates. The trial counts only if both
 * gave a benefit within the second before, answered `suspended` after, and were polled at least 50 times a second.
 *
 * @throws what suspending or reinstating throws, after the polling has ended and reinstating was tried
 */
export async function suspensionTrial(ports: TrialPorts, settings: TrialSettings): Promise<Trial> {
  const answers: Answer[] = [];
  const polling = new AbortController();
  const startedMs = ports.nowMs();
  const pollers = Promise.all([
    poll(ports, settings, polling.signal, async () => {
      answers.push({ kind: 'getPriority', status: await ports.getPriority(), ...stamp(ports) });
    }),
    poll(ports, settings, polling.signal, async () => {
      const { status, decidedAtMs } = await ports.assess();
      answers.push({ kind: 'assess', status, receivedMs: ports.nowMs(), decidedAtMs });
    }),
  ]);
  let moments: Moments;
  try {
    await ports.pause(settings.beforeMs);
    const suspendSentMs = ports.nowMs();
    const { answeredAtMs, effectiveFromMs } = await ports.suspend();
    const answeredMs = ports.nowMs();
    await ports.pause(settings.boundMs + settings.watchAfterBoundMs);
    const boundMs = Math.max(answeredAtMs, effectiveFromMs) + settings.boundMs;
    moments = { suspendSentMs, answeredMs, boundMs, seconds: (ports.nowMs() - startedMs) / 1000 };
  } finally {
    polling.abort();
    await pollers;
    // Also after a suspension whose answer was lost: the certificate must not stay suspended.
    await ports.reinstate();
  }
  return evaluate(answers, moments);
}

function stamp(ports: TrialPorts): { receivedMs: number; decidedAtMs: undefined } {
  return { receivedMs: ports.nowMs(), decidedAtMs: undefined };
}

/** Open loop: a slow answer does not delay the next request. */
async function poll(
  ports: TrialPorts,
  settings: TrialSettings,
  signal: AbortSignal,
  send: () => Promise<void>,
): Promise<void> {
  const requests: Promise<void>[] = [];
  const firstMs = ports.nowMs();
  while (!signal.aborted) {
    // A request without an answer proves nothing; the check of the rate finds out when there are many.
    requests.push(send().catch(() => undefined));
    await ports.pause(firstMs + requests.length * settings.pollEveryMs - ports.nowMs());
  }
  await Promise.all(requests);
}

type Moments = { suspendSentMs: number; answeredMs: number; boundMs: number; seconds: number };

function evaluate(answers: Answer[], moments: Moments): Trial {
  const methods = (['getPriority', 'assess'] as const).map((kind) =>
    evaluateMethod(
      answers.filter((answer) => answer.kind === kind),
      moments,
    ),
  );
  const [getPriority, assess] = methods as [Method, Method];
  const reason = !methods.every(({ benefitBefore }) => benefitBefore)
    ? 'no benefit seen in the second before'
    : methods.some(({ suspendedMs }) => suspendedMs === undefined)
      ? 'no refusal seen after'
      : methods.some(({ pollsPerSecond }) => pollsPerSecond < pollsPerSecondMin)
        ? 'polled less than 50 times a second'
        : '';
  const suspendedMs = Math.max(...methods.map((method) => method.suspendedMs ?? Number.NaN));
  return {
    counted: reason === '',
    reason,
    visibleMs: Math.max(0, suspendedMs - moments.answeredMs),
    late: { getPriority: getPriority.late, assess: assess.late },
    pollsPerSecond: { getPriority: getPriority.pollsPerSecond, assess: assess.pollsPerSecond },
  };
}

type Method = {
  benefitBefore: boolean;
  /** The first answer `suspended` with no benefit received later. */
  suspendedMs: number | undefined;
  late: number;
  pollsPerSecond: number;
};

function evaluateMethod(answers: Answer[], { suspendSentMs, boundMs, seconds }: Moments): Method {
  const benefits = answers.filter(({ status }) => status === 'benefit');
  const lastBenefitMs = Math.max(suspendSentMs, ...benefits.map(({ receivedMs }) => receivedMs));
  return {
    benefitBefore: benefits.some(
      ({ receivedMs }) => receivedMs <= suspendSentMs && receivedMs > suspendSentMs - 1000,
    ),
    suspendedMs: answers.find(
      ({ status, receivedMs }) => status === 'suspended' && receivedMs >= lastBenefitMs,
    )?.receivedMs,
    late: benefits.filter(({ receivedMs, decidedAtMs }) => (decidedAtMs ?? receivedMs) >= boundMs).length,
    pollsPerSecond: answers.length / seconds,
  };
}
