/** Counts of the server, as text that Prometheus reads. */
const BUCKETS_MS = [1, 2, 5, 10, 15, 25, 50, 100, 250, 1000];

export interface Metrics {
  request(code: number, durationMs: number): void;
  instances(kind: 'windows' | 'message', count: number): void;
  text(values: Readonly<Record<string, number>>): string;
}

export function createMetrics(): Metrics {
  const requests = new Map<number, number>();
  const instances = new Map<string, number>();
  const buckets = new Array<number>(BUCKETS_MS.length).fill(0);
  let sumMs = 0;
  let count = 0;
  return {
    request: (code, durationMs) => {
      requests.set(code, (requests.get(code) ?? 0) + 1);
      sumMs += durationMs;
      count++;
      for (const [index, bound] of BUCKETS_MS.entries()) if (durationMs <= bound) buckets[index]!++;
    },
    instances: (kind, added) => {
      instances.set(kind, (instances.get(kind) ?? 0) + added);
    },
    text: (values) => {
      const lines = [
        '# TYPE logweir_predict_requests_total counter',
        ...[...requests].map(([code, n]) => `logweir_predict_requests_total{code="${code}"} ${n}`),
        '# TYPE logweir_predict_instances_total counter',
        ...[...instances].map(([kind, n]) => `logweir_predict_instances_total{kind="${kind}"} ${n}`),
        '# TYPE logweir_predict_duration_ms histogram',
        ...BUCKETS_MS.map((le, index) => `logweir_predict_duration_ms_bucket{le="${le}"} ${buckets[index]}`),
        `logweir_predict_duration_ms_bucket{le="+Inf"} ${count}`,
        `logweir_predict_duration_ms_sum ${sumMs.toFixed(3)}`,
        `logweir_predict_duration_ms_count ${count}`,
        ...Object.entries(values).flatMap(([name, value]) => [`# TYPE ${name} gauge`, `${name} ${value}`]),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}
