/** Icons: strokes of 16 × 16, decoration only; what they mean stands beside them as text or as a label. */

const PATHS = {
  overview: 'M2 9h4v5H2zM6 2h8v4H6zM9 9h5v5H9z',
  services: 'M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01',
  explore: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM14 14l-3.4-3.4',
  alerts: 'M8 2a4 4 0 0 0-4 4c0 4-2 5-2 5h12s-2-1-2-5a4 4 0 0 0-4-4zM6.8 14h2.4',
  sql: 'M8 2c3.3 0 5 .9 5 2s-1.700 2-5 2-5-.9-5-2 1.700-2 5-2zM3 4v8c0 1.100 1.700 2 5 2s5-.9 5-2V4M3 8c0 1.100 1.700 2 5 2s5-.9 5-2',
  models: 'M8 2v3M8 11v3M2 8h3M11 8h3M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  pipeline: 'M2 4h4c3 0 3 4 6 4h2M2 8h2c3 0 3 4 6 4h4M12 6l2 2-2 2',
  experiments: 'M6 2h4M7 2v5l-4 6c-.3.600 0 1 .6 1h8.800c.6 0 .9-.4.6-1L9 7V2M5 10h6',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.500 9.500A6 6 0 0 1 6.500 2.500 6 6 0 1 0 13.500 9.500z',
  key: 'M10 6a3 3 0 1 1-3 3L2 14v-2M4 12l1.500 1.500',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3 8.500l3.500 3.500L13 4.500',
  mute: 'M3 6v4h2l4 3V3L5 6H3zM11.500 6l3 4M14.500 6l-3 4',
  play: 'M5 3l8 5-8 5z',
  pause: 'M5 3v10M11 3v10',
  link: 'M7 9a3 3 0 0 0 4.200 0l2-2A3 3 0 0 0 9 3L8 4M9 7a3 3 0 0 0-4.200 0l-2 2A3 3 0 0 0 7 13l1-1',
  save: 'M8 2v8M5 7l3 3 3-3M3 13h10',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  chart: 'M2 14h12M4 11V7M8 11V3M12 11V6',
  table: 'M2 3h12v10H2zM2 7h12M6 3v10',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3l2 2',
  flag: 'M4 14V2h8l-2 3 2 3H4',
  user: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.500 14c.5-3 2.500-4 5.500-4s5 1 5.500 4',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
