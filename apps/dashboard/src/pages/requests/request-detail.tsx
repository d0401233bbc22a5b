import { Code, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { isRefusalCode, REFUSALS } from '#contracts/refusals';
import { traceOfCode } from '#contracts/trace-of-code';
import { namesOfKeys } from '../../api/key-names.js';
import { type Decision, type LoggedRequestWithDecision, requestById } from '../../api/requests.js';
import facts from '../../parts/facts.module.css';
import { KeyName } from '../../parts/key-name.js';
import { Loaded } from '../../parts/loaded.js';
import { dateTime } from '../../parts/moments.js';
import { money } from '../../parts/money.js';
import { ThenAndNow } from '../why/then-and-now.js';
import { Trace } from '../why/trace.js';
import { Outcome, seconds } from './request-list.js';

/** All that is known of one request, and how it was decided. */
export function RequestDetail({ id, close }: { readonly id: string; readonly close: () => void }) {
  const found = useQuery(requestById(id));
  const { data: names } = useQuery(namesOfKeys(found.data ? [found.data.key_id] : []));
  return (
    <Drawer opened onClose={close} size={560} title="Request">
      <Loaded of={found} label="the request">
        {(request) => (
          <Stack gap="lg">
            <Group gap="sm">
              <Outcome of={request} />
              <Code>{request.id}</Code>
            </Group>
            <dl className={facts.list}>
              <dt>Time</dt>
              <dd>{dateTime(request.at)}</dd>
              <dt>Key</dt>
              <dd>
                <KeyName id={request.key_id} name={names?.get(request.key_id)} />
              </dd>
              <dt>Endpoint</dt>
              <dd className="mono">
                {request.endpoint}
                {request.stream && ', streamed'}
              </dd>
              <dt>Model</dt>
              <dd className="mono">
                {request.model}
                {request.served_model !== null &&
                  request.served_model !== request.model &&
                  ` → ${request.served_model}`}
              </dd>
              <dt>Provider</dt>
              <dd>
                {request.provider ?? 'None was asked'}
                {request.own_key && ', with the project’s own key'}
              </dd>
              <dt>Tokens</dt>
              <dd className="number">
                {request.input_tokens.toLocaleString('en')} in ({request.cached_input_tokens.toLocaleString('en')}{' '}
                cached), {request.output_tokens.toLocaleString('en')} out (
                {request.reasoning_tokens.toLocaleString('en')} reasoning)
                {request.estimated && ', counted by us'}
              </dd>
              <dt>Cost</dt>
              <dd className="number">
                {request.unpriced ? 'Unknown: nobody knows the price' : money(request.cost, request.currency)}
                {request.corrected && ', corrected'}
              </dd>
              <dt>Latency</dt>
              <dd className="number">
                {seconds(request.duration_ms)}
                {request.first_byte_ms !== null && `, first token after ${seconds(request.first_byte_ms)}`}
              </dd>
            </dl>
            <Decided of={request} />
          </Stack>
        )}
      </Loaded>
    </Drawer>
  );
}

/** Its steps as they were written down; of a refusal that left none, what its code tells, and what it would come to now. */
function Decided({ of: request }: { readonly of: LoggedRequestWithDecision }) {
  const { outcome, code, decision: written, key_id } = request;
  const decision = isDecision(written) ? written : traceOfCode(code);
  if (outcome !== 'denied' && decision?.decision !== 'deny')
    return (
      <Text size="sm" c="dimmed">
        Nothing was decided against it.
      </Text>
    );
  return (
    <Stack gap="sm">
      <Title order={2} size="h5">
        How it was decided
      </Title>
      {isRefusalCode(code) && <Text size="sm">{REFUSALS[code][2]}</Text>}
      {outcome === 'denied' ? (
        <ThenAndNow of={request} then={decision?.decision === 'deny' ? decision : null} />
      ) : (
        decision && <Trace of={decision} keyId={key_id} />
      )}
    </Stack>
  );
}

function isDecision(value: unknown): value is Decision {
  return typeof value === 'object' && value !== null && Array.isArray((value as Partial<Decision>).steps);
}
