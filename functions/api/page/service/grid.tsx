/** Services at a glance: health, sparkline, error rate, latency, probability of failure. */
import type { ServiceHealth } from '../../schema/services.ts';
import { Sparkline } from '../element/sparkline.tsx';
import { Badge, Gauge, healthShade, Raw } from '../element/text.tsx';
import { latencyText, percentText, shortCount } from '../number.ts';
import { servicePath } from '../route.ts';

export const ServiceGrid = ({ services }: { services: readonly ServiceHealth[] }) => (
  <ul class="grid">
    {services.map((service) => (
      <li key={service.service}>
        <ServiceCard service={service} />
      </li>
    ))}
  </ul>
);

function ServiceCard({ service }: { service: ServiceHealth }) {
  const { health, sparkline, alerts, failure_probability: probability } = service;
  return (
    <a class="card" href={servicePath(service.service)}>
      <span class="card-head">
        <b class="card-name" title={service.service}>
          <Raw text={service.service} />
        </b>
        {alerts > 0 && (
          <Badge shade="error" title={`${alerts} alerts are firing`}>
            {alerts}
          </Badge>
        )}
        <Badge shade={healthShade(health)}>{health}</Badge>
      </span>
      <Sparkline
        values={sparkline.map(({ entries }) => entries)}
        bad={sparkline.map(({ errors }) => errors)}
      />
      <span class="card-figures">
        <Figure name="5 min" value={shortCount(service.entries_5m)} />
        <Figure name="err" value={percentText(service.error_rate_5m)} />
        <Figure name="p99" value={latencyText(service.latency_p99_5m_ms)} />
      </span>
      <Probability value={probability} horizonS={service.horizon_s} />
    </a>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <span>
    <span class="muted">{name}</span> {value}
  </span>
);

/** Probability of an incident within the horizon; grey where the models were not asked. */
export function Probability({ value, horizonS }: { value: number | null; horizonS: number }) {
  const title = `Probability of an incident now or within ${Math.round(horizonS / 60)} min`;
  return (
    <span class="probability" title={title}>
      <span class="muted">failure</span>
      {value === null ? (
        <span class="muted">not predicted</span>
      ) : (
        <Gauge
          share={value}
          text={percentText(value)}
          shade={value >= 0.9 ? 'error' : value >= 0.5 ? 'warning' : 'good'}
        />
      )}
    </span>
  );
}
