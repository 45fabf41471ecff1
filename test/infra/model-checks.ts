/** Checks of where models judge: that all functions mean the same place, and that what judges is there. */
import { type Check, inputsOf, modelsOf, of } from './check.ts';

/** An endpoint is asked that is there, or none is; and the models' bucket has what judges in the process. */
export const judging: Check = (made) => {
  const models = modelsOf(made);
  const functions = of(made, 'Function').map((one) => ({
    name: one.name,
    env: inputsOf(one).serviceConfig?.environmentVariables ?? {},
  }));
  const files = of(made, 'BucketObject').map((one) => String(inputsOf(one).name));
  const says = models === 'process' ? 'process' : undefined;
  return [
    ...functions
      .filter(({ env }) => env.LOGWEIR_MODELS !== says)
      .map(({ name }) => `${name} looks for models elsewhere`),
    ...functions
      .filter(({ env }) => (env.LOGWEIR_MODEL_ENDPOINT !== undefined) !== (models === 'endpoint'))
      .map(({ name }) => `${name} asks an endpoint that is not there, or does not know that it is`),
    ...functions
      .filter(({ env }) => (env.LOGWEIR_MODEL_BUCKET !== undefined) !== (models !== 'none'))
      .map(({ name }) => `${name} does not know the models' bucket`),
    ...['manifest.json', 'reference.json', 'lstm.onnx', 'forest.onnx', 'bert.onnx']
      .filter((name) => models === 'process' && !files.some((file) => file.endsWith(`/model/${name}`)))
      .map((name) => `the models' bucket lacks ${name}`),
  ];
};
