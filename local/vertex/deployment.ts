/**
 * Models on the local endpoint: each a server of models/serving, exactly what the container runs, on a port of its own;
 * the endpoint passes each request on to one of them, by the traffic split.
 */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { chosen } from '../../functions/detect/served-sets.ts';
import { type Serving, startServing } from '../../models/serving/server.ts';
import { sendJson } from '../http.ts';

export class Deployments {
  readonly #servings = new Map<string, Serving>();

  /** Loads a set of models. Throws ArtifactError for one that is refused; what serves goes on. */
  async deploy(id: string, artifactsDir: string): Promise<void> {
    this.#servings.set(id, await startServing({ port: 0, artifactsDir }));
  }

  async undeploy(id: string): Promise<void> {
    const serving = this.#servings.get(id);
    this.#servings.delete(id);
    await serving?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servings.keys()].map((id) => this.undeploy(id)));
  }

  /** Passes a request on; `chance` in [0, 1) chooses among those with traffic. */
  predict(
    request: IncomingMessage,
    response: ServerResponse,
    { traffic, chance }: { traffic: Readonly<Record<string, number>>; chance: number },
  ): void {
    const serving = this.#servings.get(chosen(traffic, chance) ?? '');
    if (serving === undefined) {
      const message = 'no model with traffic is deployed on the endpoint';
      sendJson(response, 400, { error: { code: 400, message, status: 'FAILED_PRECONDITION' } });
      return;
    }
    const { method, headers, url = '/' } = request;
    const inner = httpRequest(
      { host: '127.0.0.1', port: serving.port, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    inner.once('error', () => {
      if (!response.headersSent) sendJson(response, 503, { error: { code: 503, status: 'UNAVAILABLE' } });
      else response.destroy();
    });
    response.once('close', () => inner.destroy());
    request.pipe(inner);
  }
}
