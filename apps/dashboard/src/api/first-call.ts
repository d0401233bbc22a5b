import { ApiProblem, unreachable } from './problem.js';

interface FirstCall {
  readonly model: string;
  readonly tokens: number;
  readonly milliseconds: number;
}

/** A chat call as a client with this key would make it: without our session. */
export async function firstCall(secret: string, model: string): Promise<FirstCall> {
  const begun = performance.now();
  const reply = await fetch('/v1/chat/completions', {
    method: 'POST',
    credentials: 'omit',
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
      accept: 'application/problem+json',
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello from the dashboard' }] }),
    signal: AbortSignal.timeout(60_000),
  }).catch(() => {
    throw unreachable();
  });
  const body = (await reply.json().catch(() => ({}))) as {
    model?: string;
    usage?: { total_tokens?: number };
    error?: { message?: string; code?: string };
    detail?: string;
  };
  if (!reply.ok) {
    const detail = body.detail ?? body.error?.message;
    throw new ApiProblem(reply.status, { ...(detail ? { detail } : {}) }, reply.headers.get('x-request-id'));
  }
  return {
    model: body.model ?? model,
    tokens: body.usage?.total_tokens ?? 0,
    milliseconds: Math.round(performance.now() - begun),
  };
}
