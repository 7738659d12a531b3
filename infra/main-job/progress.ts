import { MultiBar, Presets } from 'cli-progress';

/** Bars on a terminal; on anything else one line when a step is done. */
export type Progress = { step(title: string, total: number): (done: number) => void; stop(): void };

export function progressBars(out: NodeJS.WriteStream): Progress {
  const format = '{title} {bar} {value}/{total}  {rate}/s';
  const bars = out.isTTY
    ? new MultiBar({ format, stream: out, hideCursor: true }, Presets.shades_classic)
    : undefined;
  return {
    step: (title, total) => {
      const startedMs = performance.now();
      const rate = (done: number) => Math.round((done * 1000) / Math.max(1, performance.now() - startedMs));
      const padded = title.padEnd(28);
      let isReported = false;
      const bar = bars?.create(total, 0, { title: padded, rate: 0 });
      return (done) => {
        bar?.update(done, { rate: rate(done) });
        if (bar !== undefined || isReported || done < total) return;
        isReported = true;
        out.write(`${padded} ${done}/${total}  ${rate(done)}/s\n`);
      };
    },
    stop: () => bars?.stop(),
  };
}
