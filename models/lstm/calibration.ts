/** Platt's calibration: a line over the logits, fitted by Newton's method, so that probabilities mean what they say. */
import type { Calibration } from './network.ts';

const ROUNDS = 50;
const HALVINGS = 20;
const NONE: Calibration = { slope: 1, offset: 0 };

/** Fits slope and offset to logits and labels (0 or 1), with targets smoothed as Platt does. */
export function calibrate(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const positives = Array.from(labels).filter((label) => label === 1).length;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return NONE;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low));
  let line = NONE;
  let loss = lossOf(line, logits, targets);
  for (let round = 0; round < ROUNDS; round++) {
    const step = newtonStep(line, logits, targets);
    let next = line;
    let nextLoss = loss;
    for (let halving = 0, share = 1; halving < HALVINGS; halving++, share /= 2) {
      next = { slope: line.slope - share * step.slope, offset: line.offset - share * step.offset };
      nextLoss = lossOf(next, logits, targets);
      if (nextLoss < loss) break;
    }
    if (!(nextLoss < loss - 1e-9)) break;
    line = next;
    loss = nextLoss;
  }
  return line.slope > 0 ? line : NONE;
}

function lossOf({ slope, offset }: Calibration, logits: ArrayLike<number>, targets: Float64Array): number {
  let loss = 0;
  for (const [at, target] of targets.entries()) {
    const z = slope * logits[at]! + offset;
    loss += Math.log1p(Math.exp(-Math.abs(z))) + Math.max(0, z) - target * z;
  }
  return loss;
}

function newtonStep(line: Calibration, logits: ArrayLike<number>, targets: Float64Array): Calibration {
  let [gs, go, ss, so, oo] = [0, 0, 1e-6, 0, 1e-6];
  for (const [at, target] of targets.entries()) {
    const logit = logits[at]!;
    const p = 1 / (1 + Math.exp(-(line.slope * logit + line.offset)));
    const miss = p - target;
    const spread = p * (1 - p);
    gs += miss * logit;
    go += miss;
    ss += spread * logit * logit;
    so += spread * logit;
    oo += spread;
  }
  const determinant = ss * oo - so * so;
  return { slope: (oo * gs - so * go) / determinant, offset: (ss * go - so * gs) / determinant };
}
