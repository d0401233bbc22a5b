import { type Scenario, textsOf } from './scenario.js';
import type { Frame } from './voices/voice.js';

/** What is done next: something is sent, or the answer comes to a bad end. */
export type Step = { readonly bytes: Buffer; readonly isText?: boolean } | 'cut' | 'hang';

/** A stream, with what goes wrong in it. */
export function* streamSteps(frames: Iterable<Frame>, errorFrame: Frame, scenario: Scenario): Generator<Step> {
  const chunks = textsOf(scenario).length;
  const faultAt = scenario.faultAfterChunks ?? Math.floor(chunks / 2);
  let sent = 0;
  let isSound = true;
  for (const frame of frames) {
    const bytes = encode(frame, scenario.sse);
    // After the opening frames, which belong to no chunk; where every chunk is to be sent, before the closing ones.
    if (isSound && sent === faultAt && (frame.isText || sent === chunks)) {
      isSound = false;
      const steps = faultSteps(scenario, bytes, errorFrame);
      yield* steps.map((step) => step);
      if (steps.length > 0 && scenario.fault !== 'malformed-sse') return;
    }
    yield { bytes, isText: frame.isText };
    if (frame.isText) sent++;
  }
}

/** A whole body; a fault comes in the middle of it. */
export function* bodySteps(body: Buffer, { fault }: Scenario): Generator<Step> {
  const end =
    fault === 'hang-mid-stream' ? 'hang' : fault === 'cut-mid-body' || fault === 'cut-mid-stream' ? 'cut' : null;
  yield { bytes: end ? firstHalf(body) : body };
  if (end) yield end;
}

function faultSteps({ fault, sse }: Scenario, next: Buffer, errorFrame: Frame): Step[] {
  switch (fault) {
    case 'cut-mid-stream':
      return ['cut'];
    case 'cut-mid-body':
      return [{ bytes: firstHalf(next) }, 'cut'];
    case 'hang-mid-stream':
      return ['hang'];
    case 'error-in-stream':
      return [{ bytes: encode(errorFrame, sse) }];
    case 'malformed-sse':
      return [{ bytes: encode({ data: '{"id":"broken","choices":[{"del' }, sse) }];
    default:
      return [];
  }
}

function encode({ event, data }: Frame, sse: Scenario['sse'] = 'plain'): Buffer {
  const lines = [...(event ? [`event: ${event}`] : []), `data: ${data}`, '', ''];
  if (sse === 'commented') lines.unshift(': still here', '');
  return Buffer.from(lines.join(sse === 'crlf' ? '\r\n' : '\n'));
}

function firstHalf(bytes: Buffer): Buffer {
  return bytes.subarray(0, Math.floor(bytes.length / 2));
}
