/** `pulumi up --policy-pack policy`: Pulumi asks it of every resource before it is made, and of the whole stack. */
import { PolicyPack } from '@pulumi/policy';
import { RESOURCE_RULES } from './resource-rules.ts';
import { STACK_RULES } from './stack-rules.ts';

new PolicyPack('logweir', {
  enforcementLevel: 'mandatory',
  policies: [...RESOURCE_RULES, ...STACK_RULES],
});
