import type { Supervised } from '../../local/services/supervision.ts';

/** What is done to the services while declarations arrive. */
export type Disturbance = {
  /** Told how many declarations are decided. */
  decided(count: number): void;
  /** Fulfilled when everything was done, and undone. */
  over(): Promise<void>;
};

export type KillOptions = {
  services: readonly Supervised[];
  /** Declarations to come: the kills are spread over them. */
  declarations: number;
  tell: (line: string) => void;
  /** Asked after each, to prove that what leans on it goes on. */
  afterEach: () => Promise<void>;
};

/** Ends one process after the other with SIGKILL, the next one only when the one before is back. */
export function killInTurn({ services, declarations, tell, afterEach }: KillOptions): Disturbance {
  const due = services.map((_, index) => (declarations * (index + 1)) / (services.length + 1));
  let next = 0;
  let last: Promise<void> = Promise.resolve();
  const kill = async (service: Supervised) => {
    tell(await service.kill());
    await afterEach();
  };
  return {
    decided: (count) => {
      for (; next < services.length && count >= due[next]!; next += 1) {
        const service = services[next]!;
        last = last.then(() => kill(service));
        // Told by `over`, which whoever sends the declarations awaits in the end.
        last.catch(() => undefined);
      }
    },
    over: () => last,
  };
}
