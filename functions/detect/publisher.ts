/**
 * Verdicts → Pub/Sub, one JSON message each (verdict.ts). The client is loaded with the first one: most firings have
 * nothing to tell, and a cold start pays for every import. At least once; `id` is the same for the same verdict.
 */
import type { Topic } from '@google-cloud/pubsub';
import type { VerdictMessage } from './verdict.ts';

export function verdictPublisher(
  open: () => Promise<Topic>,
): (messages: readonly VerdictMessage[]) => Promise<void> {
  let opened: Promise<Topic> | undefined;
  return async (messages) => {
    opened ??= open();
    const topic = await opened.catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    await Promise.all(
      messages.map((message) => {
        const { id, job, service, severity } = message;
        return topic.publishMessage({ json: message, attributes: { id, job, service, severity } });
      }),
    );
  };
}
