/** What happened, over a chart: bands for what lasted, ticks and diamonds for moments. */
import type uPlot from 'uplot';
import { tokenValue } from '../theme/theme.ts';

export interface Mark {
  readonly atMs: number;
  /** band: to here. */
  readonly toMs?: number | undefined;
  readonly shape: 'band' | 'diamond' | 'line';
  /** A design token. */
  readonly color: string;
}

export function drawMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  const unit = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top - 8 * unit, bbox.width, bbox.height + 8 * unit);
  ctx.clip();
  for (const mark of marks) {
    const x = chart.valToPos(mark.atMs, 'x', true);
    ctx.fillStyle = ctx.strokeStyle = tokenValue(mark.color);
    if (mark.shape === 'band') drawBand(chart, x, chart.valToPos(mark.toMs ?? mark.atMs, 'x', true), unit);
    else if (mark.shape === 'line') drawLine(chart, x, unit);
    else drawDiamond(ctx, x, bbox.top - 1 * unit, 4 * unit);
  }
  ctx.restore();
}

function drawBand({ ctx, bbox }: uPlot, from: number, to: number, unit: number): void {
  const width = Math.max(2 * unit, to - from);
  ctx.globalAlpha = 0.13;
  ctx.fillRect(from, bbox.top, width, bbox.height);
  ctx.globalAlpha = 0.9;
  ctx.fillRect(from, bbox.top, width, 2 * unit);
  ctx.globalAlpha = 1;
}

function drawLine({ ctx, bbox }: uPlot, x: number, unit: number): void {
  ctx.lineWidth = unit;
  ctx.setLineDash([3 * unit, 3 * unit]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}

function drawDiamond(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
  ctx.fill();
}
