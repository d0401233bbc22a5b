import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { changed, type Subject } from '../api/changed.js';
import { sentenceOf } from '../api/problem.js';

type Deed = <Result>(act: () => Promise<Result>, done: string | ((result: Result) => string)) => void;

/** What is done at a click and has no dialog: what became of it is told in passing, once the page shows it. */
export function useDeed(...subjects: readonly Subject[]): Deed {
  const queries = useQueryClient();
  return (act, done) => {
    const run = async () => {
      try {
        const result = await act();
        await changed(queries, ...subjects);
        notifications.show({ message: typeof done === 'string' ? done : done(result) });
      } catch (error) {
        await changed(queries, ...subjects);
        notifications.show({ color: 'red', title: 'This did not work', message: sentenceOf(error) });
      }
    };
    void run();
  };
}
