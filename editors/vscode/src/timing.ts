// How long our handlers hold the extension host: an editor's input must never wait for us.

/** `longest`: milliseconds of the slowest call; `late`: calls that took longer than a frame. */
export type Times = Record<'calls' | 'longest' | 'late', number>;

const all = new Map<string, Times>();

/** `handler`, with the time that it takes before it returns or waits kept under `name`. */
export function timed<A extends unknown[], R>(name: string, handler: (...args: A) => R): (...args: A) => R {
  const times: Times = { calls: 0, longest: 0, late: 0 };
  all.set(name, times);
  return (...args) => {
    const start = performance.now();
    try {
      return handler(...args);
    } finally {
      const took = performance.now() - start;
      times.calls += 1;
      times.longest = Math.max(times.longest, took);
      times.late += Number(took > 16);
    }
  };
}

/** What was measured so far. */
export function times(): Record<string, Times> {
  return Object.fromEntries(all);
}
