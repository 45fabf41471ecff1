/** Model cards: what a model is, what it learned from, how well it does, and what a simple baseline does beside it. */

export interface ModelCard {
  readonly model: 'forest' | 'lstm' | 'bert';
  readonly version: string;
  readonly trainedAt: string;
  readonly seed: number;
  readonly purpose: string;
  /** What it learned from, and how that was split. */
  readonly data: readonly string[];
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Measures on data it did not learn from, by what they are measured on. */
  readonly metrics: readonly Measured[];
  readonly limits: readonly string[];
  /** Calibration: predicted and observed share, for the models that give probabilities. */
  readonly reliability?: readonly {
    readonly predicted: number;
    readonly observed: number;
    readonly count: number;
  }[];
}

export interface Measured {
  readonly on: string;
  readonly by: string;
  readonly values: Readonly<Record<string, number>>;
}

const number = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 4 : 1);

/** The card as Markdown. */
export function cardMarkdown(card: ModelCard): string {
  return [
    `# ${card.model} ${card.version}`,
    '',
    card.purpose,
    '',
    `Trained ${card.trainedAt} from seed ${card.seed} by \`npm run train\`.`,
    '',
    '## Data',
    '',
    ...card.data.map((line) => `* ${line}`),
    '',
    '## Parameters',
    '',
    ...Object.entries(card.parameters).map(([name, value]) => `* ${name}: ${value}`),
    '',
    '## Measured',
    '',
    ...card.metrics.flatMap(({ on, by, values }) => [
      `* ${by}, on ${on}: ${Object.entries(values)
        .map(([name, value]) => `${name} ${number(value)}`)
        .join(', ')}`,
    ]),
    '',
    ...(card.reliability === undefined ? [] : reliabilityTable(card.reliability)),
    '## Limits',
    '',
    ...card.limits.map((line) => `* ${line}`),
    '',
  ].join('\n');
}

const reliabilityTable = (bins: NonNullable<ModelCard['reliability']>): string[] => [
  '## Reliability',
  '',
  '| predicted | observed | count |',
  '|---|---|---|',
  ...bins
    .filter(({ count }) => count > 0)
    .map(
      ({ predicted, observed, count }) => `| ${predicted.toFixed(3)} | ${observed.toFixed(3)} | ${count} |`,
    ),
  '',
];
