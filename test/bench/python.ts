/** Python beside which a bench measures: what PYTHON names, `python3`, or Debian's own, whichever has the module. */
import { spawnSync } from 'node:child_process';

export interface Python {
  readonly path: string;
  /** Of the module. */
  readonly version: string;
}

/** Finds a Python that can import the module; null where there is none. */
export function pythonWith(module: string): Python | null {
  const { PYTHON } = process.env;
  const paths = PYTHON === undefined ? ['python3', '/usr/bin/python3'] : [PYTHON];
  const script = `import ${module}, importlib.metadata as m
try: print(m.version("${module}"))
except m.PackageNotFoundError: print(${module}.__version__)`;
  for (const path of paths) {
    const { status, stdout } = spawnSync(path, ['-c', script], { encoding: 'utf8' });
    if (status === 0) return { path, version: stdout.trim() };
  }
  return null;
}
