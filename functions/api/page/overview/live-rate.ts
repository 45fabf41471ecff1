/** Entries a second, as the live tail counts them: the last minute, redrawn each second. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { openTail, type TailState } from '../live.ts';
import { token } from '../token.ts';

export interface LiveRate {
  /** Entries in each of the last 60 seconds, oldest first; the present second is left out. */
  readonly seconds: readonly number[];
  /** Of the same seconds. An estimate where the tail sends a sample. */
  readonly errors: readonly number[];
  /** Mean of the last five seconds. */
  readonly perSecond: number | null;
  readonly state: TailState;
}

const SECONDS = 60;
const ERROR = 500;

export function useLiveRate(): LiveRate {
  const counts = useRef({ seconds: [0], errors: [0] });
  const [rate, setRate] = useState<LiveRate>({
    seconds: [],
    errors: [],
    perSecond: null,
    state: { phase: 'connecting' },
  });
  const given = token.value;
  useEffect(() => {
    counts.current = { seconds: [0], errors: [0] };
    const tail = openTail(
      {},
      {
        onEntries(entries, matched) {
          const { seconds, errors } = counts.current;
          const bad = entries.filter(({ severity_number }) => severity_number >= ERROR).length;
          seconds[seconds.length - 1]! += matched;
          errors[errors.length - 1]! +=
            entries.length === 0 ? 0 : Math.round((bad * matched) / entries.length);
        },
        onGap({ dropped }) {
          const { seconds } = counts.current;
          seconds[seconds.length - 1]! += dropped ?? 0;
        },
        onState: (state) => setRate((before) => ({ ...before, state })),
      },
    );
    const timer = setInterval(() => {
      const { seconds, errors } = counts.current;
      const shown = seconds.slice(-SECONDS);
      const last = shown.slice(-5);
      setRate(({ state }) => ({
        seconds: shown,
        errors: errors.slice(-SECONDS),
        perSecond: last.reduce((sum, count) => sum + count, 0) / last.length,
        state,
      }));
      counts.current = { seconds: [...shown, 0], errors: [...errors.slice(-SECONDS), 0] };
    }, 1000);
    return () => {
      clearInterval(timer);
      tail.close();
    };
  }, [given]);
  return rate;
}
