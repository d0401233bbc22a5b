import type { ServerResponse } from 'node:http';
import type { Received } from './received.js';
import { type Scenario, textsOf, tokensOf } from './scenario.js';
import { bodySteps, type Step, streamSteps } from './steps.js';
import type { Saying, Voice } from './voices/voice.js';
import { Wire } from './wire.js';

/** Answers one request as the scenario wants it. Rejects with the signal's reason where the client leaves before the end. */
export async function answer(
  response: ServerResponse,
  request: Received,
  voice: Voice,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<void> {
  const wire = new Wire(response, signal, scenario.chunkBytes);
  await wire.pause(scenario.firstByteDelayMs);
  if (scenario.fault === 'hang') await wire.hang();
  if (scenario.fault === 'cut-before-headers') {
    request.end('cut');
    return wire.cut();
  }
  const { headers, steps, isStream } = contentOf(request, voice, scenario);
  const status = scenario.status ?? 200;
  request.chunks = isStream ? textsOf(scenario).length : 0;
  request.begin(status, status < 400 ? tokensOf(scenario) : null, isStream);
  response.writeHead(status, { ...voice.headers(`req_fake_${request.id}`), ...headers, ...scenario.headers });
  response.flushHeaders();
  if (scenario.fault === 'hang-after-headers') await wire.hang();
  if (!isStream) await wire.pause(scenario.delayMs);
  for (const step of steps) {
    if (step === 'hang') await wire.hang();
    else if (step === 'cut') {
      request.end('cut');
      return wire.cut();
    } else await send(step, wire, request, scenario);
  }
  response.end();
}

async function send(step: Exclude<Step, string>, wire: Wire, request: Received, { delayMs }: Scenario): Promise<void> {
  if (step.isText) await wire.pause(delayMs);
  await wire.send(step.bytes);
  if (step.isText) request.chunksSent++;
}

interface Content {
  readonly headers: { readonly [name: string]: string };
  readonly steps: Iterable<Step>;
  readonly isStream: boolean;
}

function contentOf(request: Received, voice: Voice, scenario: Scenario): Content {
  const { status = 200, body } = scenario;
  if (body !== undefined)
    return wholeBody(Buffer.isBuffer(body) || typeof body === 'string' ? body : JSON.stringify(body), scenario);
  if (status >= 400) {
    const message = `The fake upstream was told to answer ${status}.`;
    return wholeBody(JSON.stringify(voice.errorBody(status, message)), scenario);
  }
  const saying = sayingOf(request, scenario);
  if (!request.stream || !voice.frames) return wholeBody(JSON.stringify(voice.whole(saying)), scenario);
  return {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    steps: streamSteps(voice.frames(saying), voice.errorFrame('The fake upstream was told to fail here.'), scenario),
    isStream: true,
  };
}

function wholeBody(body: string | Buffer, scenario: Scenario): Content {
  const bytes = Buffer.from(body);
  const length: Content['headers'] = scenario.framing === 'chunked' ? {} : { 'content-length': String(bytes.length) };
  return {
    headers: { 'content-type': 'application/json', ...length },
    steps: bodySteps(bytes, scenario),
    isStream: false,
  };
}

function sayingOf(request: Received, scenario: Scenario): Saying {
  return {
    id: `fake${request.id}`,
    model: request.model ?? '',
    texts: textsOf(scenario),
    tokens: tokensOf(scenario),
    tellsUsage: scenario.fault !== 'no-usage',
    request,
  };
}
