import type { Supervised } from '../../local/services/supervision.ts';

/** Kills of the services' processes while declarations arrive. */
export type ServiceKills = {
  /** Reports how many declarations are decided so far. */
  onDecided(count: number): void;
  /** Resolves when every kill is done and its process answers again. */
  done(): Promise<void>;
};

export type KillOptions = {
  services: readonly Supervised[];
  /** Total of declarations, over which the kills are spread. */
  declarations: number;
  log: (line: string) => void;
  /** Called after each kill, to prove that dependent services continue. */
  afterEach: () => Promise<void>;
};

/** Ends one process after the other with SIGKILL, the next one only when the one before is back. */
export function killServicesInTurn({ services, declarations, log, afterEach }: KillOptions): ServiceKills {
  const due = services.map((_, index) => (declarations * (index + 1)) / (services.length + 1));
  let next = 0;
  let last: Promise<void> = Promise.resolve();
  const kill = async (service: Supervised) => {
    log(await service.kill());
    await afterEach();
  };
  return {
    onDecided: (count) => {
      for (; next < services.length && count >= due[next]!; next += 1) {
        const service = services[next]!;
        last = last.then(() => kill(service));
        // A failure is thrown by `done`, which the caller awaits at the end.
        last.catch(() => undefined);
      }
    },
    done: () => last,
  };
}
