/**
 * The set of models that a stack deploys, as one resource: upload, deployment, share of the traffic, bounds of machines.
 * It deploys the version that the repository holds. What drift trains, deploys and promotes afterwards is not its
 * concern: as long as the settings stay, `pulumi up` leaves the endpoint alone.
 */
import * as pulumi from '@pulumi/pulumi';
import type { ModelDeployment } from './steps/model-deployment.ts';

export interface ModelStepInputs extends ModelDeployment {
  /** Another Vertex AI than Google's, host:port; empty: Google's. */
  readonly api: string;
}

/** Pulumi stores the source text of these functions and runs it elsewhere: they reach nothing outside themselves. */
export const modelProvider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const done = execFileSync(process.execPath, ['--import=tsx', 'steps/deploy-model.ts'], {
      input: JSON.stringify({ do: 'create', wanted: inputs }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const outs = { ...inputs, ...JSON.parse(String(done)) };
    return { id: outs.deployedId, outs };
  },
  async update(_id, olds, news) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const done = execFileSync(process.execPath, ['--import=tsx', 'steps/deploy-model.ts'], {
      input: JSON.stringify({ do: 'update', was: olds, wanted: news }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { outs: { ...news, ...JSON.parse(String(done)) } };
  },
  async read(id, props) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const done = execFileSync(process.execPath, ['--import=tsx', 'steps/deploy-model.ts'], {
      input: JSON.stringify({ do: 'read', was: props }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Without an id it is gone, and the next update makes it again.
    return JSON.parse(String(done)) === null ? { id: '', props: {} } : { id, props: props ?? {} };
  },
  async delete(_id, props) {
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    execFileSync(process.execPath, ['--import=tsx', 'steps/deploy-model.ts'], {
      input: JSON.stringify({ do: 'delete', was: props }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  },
  async diff(_id, olds, news) {
    const elsewhere = ['project', 'region', 'endpoint', 'machineType', 'kmsKey'];
    const inPlace = ['version', 'image', 'minReplicas', 'maxReplicas'];
    const isOther = (key: string) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]);
    const replaces = elsewhere.filter(isOther);
    return { changes: replaces.length > 0 || inPlace.some(isOther), replaces, deleteBeforeReplace: true };
  },
};

export class ModelStep extends pulumi.dynamic.Resource {
  declare readonly model: pulumi.Output<string>;
  declare readonly deployedId: pulumi.Output<string>;

  constructor(
    name: string,
    inputs: { readonly [Key in keyof ModelStepInputs]: pulumi.Input<ModelStepInputs[Key]> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(modelProvider, name, { ...inputs, model: undefined, deployedId: undefined }, opts);
  }
}
