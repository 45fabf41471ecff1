/**
 * Google's own GoogleSQL: its analyzer and reference evaluator, a program in a development dependency. Where the
 * machine cannot run it, `oracleProgram` is null and tests that need it are skipped.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const programs: Readonly<Record<string, string>> = {
  'linux-x64': 'remote_server.so',
  'linux-arm64': 'remote_server_arm.so',
  'darwin-x64': 'remote_server',
  'darwin-arm64': 'remote_server_arm',
};

function find(): string | null {
  const name = programs[`${process.platform}-${process.arch}`];
  if (name === undefined) return null;
  try {
    const main = createRequire(import.meta.url).resolve('@fivetrandevelopers/zetasql');
    const path = join(dirname(main), 'zetasql', name);
    accessSync(path, constants.R_OK);
    chmodSync(path, 0o755);
    return path;
  } catch {
    return null;
  }
}

/** Path of the program; null where there is none. */
export const oracleProgram: string | null = find();

/** A value or a column of the oracle as its protocol writes it. */
export type ProtoValue = Readonly<Record<string, unknown>>;
export type ProtoType = Readonly<Record<string, unknown>>;

export interface Evaluated {
  readonly value: ProtoValue;
  readonly type: ProtoType;
}

type Call = (request: object) => Promise<Readonly<Record<string, unknown>>>;

export interface Oracle {
  readonly call: (method: string, request: object) => ReturnType<Call>;
  /** Value of an expression. Rejects with GoogleSQL's words. */
  readonly evaluate: (sql: string) => Promise<Evaluated>;
  readonly options: object;
  readonly close: () => Promise<void>;
}

export async function startOracle(program: string): Promise<Oracle> {
  const port = await freePort();
  const child = spawn(program, ['localhost', String(port)], { stdio: 'ignore' });
  await listening(port, child);
  const definition = loadSync('local_service.proto', {
    oneofs: true,
    enums: String,
    longs: String,
    includeDirs: [join(dirname(program), 'protos')],
  });
  const services = loadPackageDefinition(definition) as unknown as {
    zetasql: {
      local_service: { ZetaSqlLocalService: new (address: string, auth: object, options: object) => Client };
    };
  };
  const limits = { 'grpc.max_receive_message_length': 5e8, 'grpc.max_send_message_length': 5e8 };
  const client = new services.zetasql.local_service.ZetaSqlLocalService(
    `localhost:${port}`,
    credentials.createInsecure(),
    limits,
  );
  const call: Oracle['call'] = (method, request) =>
    new Promise((resolve, reject) => {
      client[method]!(request, (error, response) =>
        error ? reject(new Error(error.details)) : resolve(response),
      );
    });
  const language = await call('GetLanguageOptions', { maximumFeatures: true });
  const options = {
    languageOptions: {
      ...language,
      productMode: 'PRODUCT_EXTERNAL',
      enabledLanguageFeatures: [
        ...(language.enabledLanguageFeatures as readonly string[]),
        'FEATURE_TIME_BUCKET_FUNCTIONS',
        'FEATURE_INTERVAL_TYPE',
      ],
    },
    defaultTimezone: 'UTC',
    errorMessageMode: 'ERROR_MESSAGE_ONE_LINE',
  };
  return {
    call,
    options,
    evaluate: async (sql) => {
      const { value, prepared } = (await call('Evaluate', { sql, options })) as {
        value: ProtoValue;
        prepared: { outputType: ProtoType };
      };
      return { value, type: prepared.outputType };
    },
    close: async () => {
      client.close();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

type Client = Readonly<
  Record<
    string,
    (
      request: object,
      done: (error: ServiceError | null, response: Readonly<Record<string, unknown>>) => void,
    ) => void
  >
> & { close(): void };

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** Asks until the program takes a connection: it says nothing when it is ready. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the oracle ended with code ${code}`)));
  });
  failed.catch(() => undefined);
  for (;;) {
    const taken = new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (await Promise.race([taken, failed])) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
