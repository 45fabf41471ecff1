/**
 * A temperature for a classifier's scores, so that its confidence means what it says on messages of templates that it
 * did not learn from (Guo et al., On Calibration of Modern Neural Networks, 2017). Does not change which class wins.
 */
const [LOWEST, HIGHEST] = [0.25, 8];
const ROUNDS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The temperature that makes the labels likeliest, by golden-section search; 1 if there are no messages. */
export function temperatureOf(probabilities: readonly Float32Array[], labels: readonly number[]): number {
  if (probabilities.length === 0) return 1;
  const logits = probabilities.map((row) => Float64Array.from(row, (p) => Math.log(Math.max(p, 1e-12))));
  const lossAt = (logarithm: number): number => meanLoss(logits, labels, Math.exp(logarithm));
  let [low, high] = [Math.log(LOWEST), Math.log(HIGHEST)];
  for (let round = 0; round < ROUNDS; round++) {
    const width = GOLDEN * (high - low);
    if (lossAt(high - width) < lossAt(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

function meanLoss(logits: readonly Float64Array[], labels: readonly number[], temperature: number): number {
  let loss = 0;
  for (const [at, row] of logits.entries()) {
    const highest = Math.max(...row) / temperature;
    const sum = row.reduce((total, logit) => total + Math.exp(logit / temperature - highest), 0);
    loss += highest + Math.log(sum) - row[labels[at]!]! / temperature;
  }
  return loss / logits.length;
}
