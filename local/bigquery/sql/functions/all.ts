/** All scalar functions that are known to be right, by name. What is on no list is refused. */

import { conditionalFunctions } from './conditional.ts';
import { intervalFunctions } from './interval.ts';
import { jsonFunctions } from './json.ts';
import { regexpFunctions } from './regexp.ts';
import type { Signatures, Specials } from './signature.ts';
import { textFunctions, textSpecials } from './text.ts';
import { epochFunctions, timeFunctions } from './time.ts';
import { stepFunctions } from './time-step.ts';

export const signatures: Signatures = { ...epochFunctions, ...textFunctions };

export const specials: Specials = {
  ...conditionalFunctions,
  ...timeFunctions,
  ...intervalFunctions,
  ...stepFunctions,
  ...textSpecials,
  ...regexpFunctions,
  ...jsonFunctions,
};
