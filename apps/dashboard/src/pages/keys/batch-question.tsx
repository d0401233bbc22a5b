import { Modal, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Ttl } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { ProblemView } from '../../parts/problem-view.js';
import { endOf, type TtlFields, tagsOf, ttlOf } from './key-form.js';
import { TtlField } from './ttl-field.js';

export type Question = 'enable' | 'delete' | 'expire' | 'tag';

interface BatchQuestionProps {
  readonly question: Question | null;
  readonly count: number;
  /** How many of them live again only for a time that is still to come. */
  readonly expired: number;
  readonly pending: boolean;
  readonly error: unknown;
  readonly answer: (given: { tags?: Record<string, string>; ttl?: Ttl }) => void;
  readonly cancel: () => void;
}

/** What has to be known, or meant, before the same happens to many. */
export function BatchQuestion({ question, count, expired, pending, error, answer, cancel }: BatchQuestionProps) {
  const [tags, setTags] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const [ttl, setTtl] = useState<TtlFields>({ value: 30, unit: 'days' });
  const these = count === 1 ? '1 key' : `${count} keys`;
  const titles = {
    enable: `Enable ${these}`,
    delete: `Delete ${these}?`,
    expire: `Expire ${these} now?`,
    tag: `Tag ${these}`,
  };
  const ready = {
    enable: endOf(ttl, Date.now()) !== null,
    delete: typed.trim() === String(count),
    expire: true,
    tag: tags.length > 0,
  };
  return (
    <Modal opened onClose={cancel} title={question ? titles[question] : 'This did not work'}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          answer(question === 'tag' ? { tags: tagsOf(tags) } : question === 'enable' ? { ttl: ttlOf(ttl) } : {});
        }}
      >
        <Stack>
          {error !== null && <ProblemView error={error} />}
          {question === 'enable' && (
            <>
              <Text size="sm">
                {expired} of {count} {expired === 1 ? 'has' : 'have'} expired: give {expired === 1 ? 'it' : 'them'} a
                new expiration. The others keep theirs.
              </Text>
              <TtlField ttl={ttl} change={setTtl} />
            </>
          )}
          {question === 'delete' && (
            <>
              <Text size="sm">Whatever uses them is refused from now on. It cannot be undone.</Text>
              <TextInput
                label={`Type ${count} to confirm`}
                data-autofocus
                value={typed}
                onChange={({ currentTarget }) => setTyped(currentTarget.value)}
              />
            </>
          )}
          {question === 'expire' && (
            <Text size="sm">
              They stop working now and move to Inactive. Enabling one again asks for a new expiration.
            </Text>
          )}
          {question === 'tag' && (
            <TagsInput
              label="Tags to add"
              description="“team: search”, or one word. Enter adds one; a tag of the same name gets the new value."
              data-autofocus
              value={tags}
              onChange={setTags}
            />
          )}
          {question && (
            <DialogButtons
              label={{ enable: 'Enable', delete: 'Delete for good', expire: 'Expire now', tag: 'Add tags' }[question]}
              color={question === 'tag' || question === 'enable' ? undefined : 'red'}
              pending={pending}
              disabled={!ready[question]}
              cancel={cancel}
            />
          )}
        </Stack>
      </form>
    </Modal>
  );
}
