/**
 * One service account for each function, one for each kind of caller, one that builds and one that trains. None of them
 * has a key, and none has a grant here: grants.ts gives them from the table.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { FunctionName } from './config.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';

/** Whose token a call carries. */
export type Caller = 'push' | 'timer' | 'schedule';
type Other = Caller | 'builder' | 'training';

export class Identities extends pulumi.ComponentResource {
  readonly functions: Readonly<Record<string, gcp.serviceaccount.Account>>;
  readonly callers: Readonly<Record<Caller, gcp.serviceaccount.Account>>;
  readonly builder: gcp.serviceaccount.Account;
  readonly training: gcp.serviceaccount.Account | null;
  /** Before calls that carry a token of theirs. */
  readonly tokenGrants: readonly gcp.serviceaccount.IAMMember[];

  constructor(
    naming: Naming,
    names: readonly FunctionName[],
    platform: Platform,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('logweir:infra:Identities', naming.name('identities'), {}, opts);
    const { project, models } = naming.settings;
    const account = (name: FunctionName | Other, does: string): gcp.serviceaccount.Account =>
      new gcp.serviceaccount.Account(
        naming.name(name),
        { project, accountId: naming.name(name), displayName: `Logweir: ${does}` },
        under(this, platform.apis),
      );
    this.functions = Object.fromEntries(names.map((name) => [name, account(name, `function ${name}`)]));
    this.callers = {
      push: account('push', 'subscriptions call with its token'),
      timer: account('timer', 'window timers call with its token'),
      schedule: account('schedule', 'schedules call with its token'),
    };
    this.builder = account('builder', 'builds the functions');
    this.training = models === 'none' ? null : account('training', 'trains the models');
    const agents = {
      push: platform.agents.pubsub,
      timer: platform.agents.tasks,
      schedule: platform.agents.scheduler,
    };
    this.tokenGrants = (['push', 'timer', 'schedule'] as const).map(
      (caller) =>
        new gcp.serviceaccount.IAMMember(
          naming.name(`${caller}-token`),
          {
            serviceAccountId: this.callers[caller].name,
            role: 'roles/iam.serviceAccountOpenIdTokenCreator',
            member: pulumi.interpolate`serviceAccount:${agents[caller].email}`,
          },
          under(this, platform.ready),
        ),
    );
    this.registerOutputs({});
  }

  /** Of a function that this stack has. */
  of(name: FunctionName): gcp.serviceaccount.Account {
    const account = this.functions[name];
    if (account === undefined) throw new Error(`this stack has no function ${name}`);
    return account;
  }
}

export const memberOf = (account: gcp.serviceaccount.Account): pulumi.Output<string> =>
  pulumi.interpolate`serviceAccount:${account.email}`;
