import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer } from './answer.js';
import { Books } from './books.js';
import { Control } from './control.js';
import { modelsAnswer } from './models.js';
import { Received } from './received.js';
import { chat } from './voices/chat.js';
import { completions } from './voices/completions.js';
import { embeddings } from './voices/embeddings.js';
import { messages } from './voices/messages.js';
import { openAi } from './voices/openai.js';
import { responses } from './voices/responses.js';
import type { Voice } from './voices/voice.js';

const VOICES: { readonly [path: string]: Voice } = {
  '/v1/chat/completions': chat,
  '/v1/completions': completions,
  '/v1/embeddings': embeddings,
  '/v1/responses': responses,
  '/v1/messages': messages,
};

/** The provider without its network: what it does with each request, and the book it keeps. */
export class Provider {
  readonly books = new Books();
  readonly control = new Control();
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly failures: unknown[] = [];
  private count = 0;

  constructor(private readonly models: readonly string[]) {}

  handle(request: IncomingMessage, response: ServerResponse): void {
    const done = this.exchange(request, response).finally(() => this.underWay.delete(done));
    this.underWay.add(done);
  }

  /** Nothing hangs on, nothing goes on being sent. Throws what went wrong in the fake itself, or in a plan of the test. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the fake upstream is stopping'));
    await Promise.all(this.underWay);
    if (this.failures.length > 0) throw this.failures[0];
  }

  private async exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const stop = () => response.destroy();
    response.once('close', () => gone.abort(new Error('the client has left')));
    this.stopping.signal.addEventListener('abort', stop);
    const { bytes, isWhole } = await readBody(request);
    const received = new Received(++this.count, request, bytes);
    if (!isWhole) received.end('aborted');
    this.books.add(received);
    try {
      if (isWhole) await this.respond(response, received, gone.signal);
      // With the last byte handed over the exchange is complete, whatever becomes of the connection.
      if (!gone.signal.aborted) await new Promise((resolve) => response.once('close', resolve));
      received.end(response.writableFinished ? 'completed' : this.endedBy());
    } catch (error) {
      if (!gone.signal.aborted) this.failures.push(error);
      response.destroy();
      received.end(this.endedBy());
    } finally {
      this.stopping.signal.removeEventListener('abort', stop);
      this.books.tell();
    }
  }

  private endedBy(): 'cut' | 'aborted' {
    return this.stopping.signal.aborted ? 'cut' : 'aborted';
  }

  private async respond(response: ServerResponse, request: Received, gone: AbortSignal): Promise<void> {
    const [path = ''] = request.path.split('?');
    const voice = VOICES[path];
    if (request.method === 'GET') {
      const found = modelsAnswer(request, this.models);
      return found ? json(response, request, 200, found) : this.refuse(response, request, 404, openAi, 'Not found.');
    }
    if (!voice || request.method !== 'POST') {
      return this.refuse(response, request, 404, openAi, `Invalid URL (${request.method} ${path})`);
    }
    const objection = voice.objection(request);
    if (objection) return this.refuse(response, request, 400, voice, objection);
    return answer(response, request, voice, this.control.scenarioFor(request), gone);
  }

  private refuse(
    response: ServerResponse,
    request: Received,
    status: number,
    { errorBody }: Pick<Voice, 'errorBody'>,
    message: string,
  ): void {
    json(response, request, status, errorBody(status, message));
  }
}

function json(response: ServerResponse, request: Received, status: number, body: object): void {
  request.begin(status, null, false);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Everything that came, also of a client that left in the middle. */
async function readBody(request: IncomingMessage): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The connection broke; `complete` says so too.
  }
  return { bytes: Buffer.concat(chunks), isWhole: request.complete };
}
