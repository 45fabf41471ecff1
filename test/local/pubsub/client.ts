import { PubSub } from '@google-cloud/pubsub';

const OK = 0;
export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
export const RESOURCE_EXHAUSTED = 8;
export const FAILED_PRECONDITION = 9;
export const UNIMPLEMENTED = 12;

/** What the service gives for a Pull, as the client decodes it. */
export interface Pulled {
  readonly ackId: string;
  readonly deliveryAttempt: number;
  readonly message: {
    readonly data: Buffer;
    readonly attributes: Readonly<Record<string, string>>;
    readonly messageId: string;
    readonly orderingKey: string;
  };
}

/** Google's client, set up by the variable that its users set. */
export function clientOf(port: number, projectId = 'demo'): PubSub {
  process.env.PUBSUB_EMULATOR_HOST = `127.0.0.1:${port}`;
  return new PubSub({ projectId });
}

/** One call of the API, without the client's conveniences and retries. */
export function call<Response>(
  client: PubSub,
  method: string,
  reqOpts: object,
  service: 'SubscriberClient' | 'PublisherClient' = 'SubscriberClient',
): Promise<Response> {
  const gaxOpts = { retry: { retryCodes: [] } };
  return new Promise((resolve, reject) => {
    client.request<Response>({ client: service, method, reqOpts, gaxOpts }, (error, response) =>
      error ? reject(error) : resolve(response!),
    );
  });
}

export async function pull(client: PubSub, subscription: string, maxMessages = 10): Promise<Pulled[]> {
  const request = { subscription, maxMessages };
  const { receivedMessages } = await call<{ receivedMessages: Pulled[] }>(client, 'pull', request);
  return receivedMessages;
}

export async function pullOne(client: PubSub, subscription: string): Promise<Pulled> {
  for (;;) {
    const [first] = await pull(client, subscription, 1);
    if (first) return first;
  }
}

export const acknowledge = (client: PubSub, subscription: string, ackIds: string[]): Promise<unknown> =>
  call(client, 'acknowledge', { subscription, ackIds });

export const modifyDeadline = (
  client: PubSub,
  subscription: string,
  ackIds: string[],
  ackDeadlineSeconds: number,
): Promise<unknown> => call(client, 'modifyAckDeadline', { subscription, ackIds, ackDeadlineSeconds });

/** The gRPC code that a call fails with; 0 when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<number> {
  try {
    await promise;
    return OK;
  } catch (error) {
    return (error as { code: number }).code;
  }
}
