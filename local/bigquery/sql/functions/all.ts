/** All scalar functions that are known to be right, by name. What is on no list is refused. */

import { arrayFunctions } from './array.ts';
import { bytesFunctions, bytesSpecials } from './bytes.ts';
import { conditionalFunctions } from './conditional.ts';
import { formatSpecials } from './format.ts';
import { intervalFunctions } from './interval.ts';
import { jsonFunctions } from './json.ts';
import { mathFunctions, mathSpecials } from './math.ts';
import { netFunctions, netSpecials } from './net.ts';
import { regexpFunctions } from './regexp.ts';
import { searchFunctions } from './search.ts';
import type { Signatures, Specials } from './signature.ts';
import { textFunctions, textSpecials } from './text.ts';
import { epochFunctions, timeFunctions } from './time.ts';
import { formatFunctions } from './time-format.ts';
import { parseFunctions } from './time-parse.ts';
import { stepFunctions } from './time-step.ts';

export const signatures: Signatures = {
  ...epochFunctions,
  ...textFunctions,
  ...bytesFunctions,
  ...mathFunctions,
  ...netFunctions,
};

export const specials: Specials = {
  ...conditionalFunctions,
  ...timeFunctions,
  ...intervalFunctions,
  ...stepFunctions,
  ...textSpecials,
  ...regexpFunctions,
  ...jsonFunctions,
  ...arrayFunctions,
  ...bytesSpecials,
  ...netSpecials,
  ...mathSpecials,
  ...searchFunctions,
  ...formatSpecials,
  ...formatFunctions,
  ...parseFunctions,
};
