/** All scalar functions that are known to be right, by name. What is on no list is refused. */

import type { Signatures, Specials } from './signature.ts';
import { epochFunctions, timeFunctions } from './time.ts';

export const signatures: Signatures = { ...epochFunctions };
export const specials: Specials = { ...timeFunctions };
