import { Modal, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { ProblemView } from '../../parts/problem-view.js';
import { tagsOf } from './key-form.js';

interface BatchQuestionProps {
  readonly question: 'delete' | 'expire' | 'tag' | null;
  readonly count: number;
  readonly pending: boolean;
  readonly error: unknown;
  readonly answer: (tags: Record<string, string>) => void;
  readonly cancel: () => void;
}

/** What has to be known, or meant, before the same happens to many. */
export function BatchQuestion({ question, count, pending, error, answer, cancel }: BatchQuestionProps) {
  const [tags, setTags] = useState<string[]>([]);
  const [typed, setTyped] = useState('');
  const these = count === 1 ? '1 key' : `${count} keys`;
  const titles = { delete: `Delete ${these}?`, expire: `Expire ${these} now?`, tag: `Tag ${these}` };
  const ready = { delete: typed.trim() === String(count), expire: true, tag: tags.length > 0 };
  return (
    <Modal opened onClose={cancel} title={question ? titles[question] : 'This did not work'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          answer(tagsOf(tags));
        }}
      >
        <Stack>
          {error !== null && <ProblemView error={error} />}
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
              label={{ delete: 'Delete for good', expire: 'Expire now', tag: 'Add tags' }[question]}
              color={question === 'tag' ? undefined : 'red'}
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
