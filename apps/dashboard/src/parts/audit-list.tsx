import { Center, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type AuditEvent, type AuditQuery, auditLog } from '../api/audit.js';
import { Actor } from './actor.js';
import styles from './audit-list.module.css';
import { Changes } from './changes.js';
import { deedOf } from './deeds.js';
import { More } from './more.js';
import { ProblemView } from './problem-view.js';
import { Subject, type SubjectNames, useSubjectNames } from './subject.js';
import { TimeAgo } from './time-ago.js';

interface AuditListProps {
  readonly query: AuditQuery;
  /** Where it is about more than one thing. */
  readonly withSubject?: boolean;
}

/** Who did what, newest first, and what it changed. */
export function AuditList({ query, withSubject = false }: AuditListProps) {
  const log = useInfiniteQuery(auditLog(query));
  const events = log.data?.pages.flatMap(({ data }) => data) ?? [];
  const names = useSubjectNames(events);
  if (log.isPending) return <Skeleton height={160} radius="md" />;
  if (!log.data) return <ProblemView error={log.error} retry={() => void log.refetch()} />;
  return (
    <Stack gap="sm">
      {log.error && <ProblemView error={log.error} retry={() => void log.refetch()} staleSince={log.dataUpdatedAt} />}
      {events.length === 0 && (
        <Center py={48}>
          <Text c="dimmed">Nothing is recorded that fits.</Text>
        </Center>
      )}
      <Stack gap="sm" component="ol" className={styles.list}>
        {events.map((event) => (
          <Entry key={event.seq} event={event} names={names} withSubject={withSubject} />
        ))}
      </Stack>
      <More of={log} label="Show older" />
    </Stack>
  );
}

interface EntryProps {
  readonly event: AuditEvent;
  readonly names: SubjectNames;
  readonly withSubject: boolean;
}

function Entry({ event, names, withSubject }: EntryProps) {
  return (
    <li className={styles.entry}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">
          <b>
            <Actor actor={event.actor} keys={names.now} />
          </b>{' '}
          {deedOf(event.action)} {withSubject && <Subject id={event.subject} names={names} />}
        </Text>
        <Text size="xs" c="dimmed">
          <TimeAgo at={event.at} />
        </Text>
      </Group>
      {event.before && <Changes before={event.before} after={event.after} />}
      <details className={styles.details}>
        <summary>Details</summary>
        {!event.before && <Changes before={null} after={event.after} />}
        <Text size="xs" c="dimmed" className={styles.origin}>
          From {event.origin ?? 'within'} · request {event.request_id}
        </Text>
      </details>
    </li>
  );
}
