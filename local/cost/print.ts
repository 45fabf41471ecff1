/** The bill as a table and a chart of bars, for a terminal. */
import { billOf, type Line, type Load, othersOf, type Step, stepsOf, tibPerMonth } from './bill.ts';
import { PRICES, PRICES_AS_OF, PRICES_CHECKED } from './prices.ts';

const GOAL_USD_PER_TIB = 60;
const BAR = 40;

const usd = (value: number): string => `$${Math.round(value).toLocaleString('en-US')}`;

/** All of it, as lines. */
export function printBill(load: Load): string {
  const bill = billOf(load);
  const others = othersOf(load);
  const reached = bill.usdPerTib <= GOAL_USD_PER_TIB ? 'reached' : 'not reached';
  return [
    `A month of ${load.gbPerDay} GB a day (${tibPerMonth(load).toFixed(1)} TiB), ${load.services} services`,
    '',
    ...bars(bill.lines),
    '',
    `total ${usd(bill.usd)} a month, ${usd(bill.usdPerTib)} a TiB (goal ${usd(GOAL_USD_PER_TIB)} a TiB: ${reached})`,
    '',
    'With each optimisation, one after the other:',
    ...bars(stepsOf(load).map(lineOf)),
    ...(stepsOf(load).some(({ isBuilt }) => !isBuilt) ? ['* the code does not do it yet'] : []),
    '',
    'The same logs elsewhere, by list prices:',
    ...bars([{ component: 'Logweir', usd: bill.usd }, ...others]),
    '',
    ...assumptions(load),
  ].join('\n');
}

const lineOf = ({ name, isBuilt, bill }: Step): Line => ({
  component: isBuilt ? name : `${name} *`,
  usd: bill.usd,
});

function bars(lines: readonly Line[]): string[] {
  const most = Math.max(...lines.map((line) => line.usd), 1);
  const width = Math.max(...lines.map(({ component }) => component.length));
  return lines.map((line) => {
    const bar = '█'.repeat(Math.round((line.usd / most) * BAR));
    return `  ${line.component.padEnd(width)} ${usd(line.usd).padStart(9)}  ${bar}`.trimEnd();
  });
}

function assumptions(load: Load): string[] {
  const checked = PRICES_CHECKED
    ? 'compared with the price lists'
    : 'from memory, not compared with the price lists';
  return [
    `Prices as of ${PRICES_AS_OF}, ${checked} (local/cost/prices.ts); no discounts, no traffic between regions.`,
    'Assumed:',
    ...Object.entries(load).map(([name, value]) => `  ${name} = ${value}`),
    'Prices:',
    ...Object.values(PRICES).map((one) => `  $${one.usd} a ${one.per}`),
  ];
}
