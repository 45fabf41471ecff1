/** Models: how good they are, whether they see what they learned from, which versions there are, what awaits a word. */
import { api } from '../api.ts';
import { Empty } from '../element/panel.tsx';
import { useResource } from '../resource.ts';
import { isOfTenant, me } from '../who.ts';
import { DriftPanel } from './drift.tsx';
import { QualityPanel } from './quality.tsx';
import { QueuePanel } from './queue.tsx';
import { ReliabilityPanel } from './reliability.tsx';
import { VersionsPanel } from './versions.tsx';

export function ModelsView() {
  const when = me.value !== null && !isOfTenant.value;
  const quality = useResource('quality', (signal) => api.quality({ days: 30 }, signal), {
    everyMs: 60_000,
    when,
  });
  const models = useResource('models', (signal) => api.models(signal), { everyMs: 15_000, when });
  const drift = useResource('drift', (signal) => api.drift(signal), { everyMs: 60_000, when });
  const queue = useResource('queue', (signal) => api.feedbackQueue(signal), {
    everyMs: 30_000,
    when: me.value !== null,
  });
  if (isOfTenant.value) return <Empty title="Not shown here">The models are of all tenants.</Empty>;
  return (
    <div class="stack">
      <QualityPanel quality={quality} />
      <div class="halves">
        <ReliabilityPanel quality={quality} />
        <DriftPanel drift={drift} />
      </div>
      <VersionsPanel models={models} />
      <QueuePanel queue={queue} />
    </div>
  );
}
