import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { keyById } from '../api/keys.js';

/** A key by its name; by the end of its id while that is not known, or where it is deleted. */
export function KeyName({ id }: { readonly id: string }) {
  const { data } = useQuery({ ...keyById(id), refetchInterval: false, staleTime: 60_000, retry: false });
  if (!data) return <span className="mono">…{id.slice(-6)}</span>;
  return (
    <Anchor component={Link} to={`/keys/${id}`} inherit>
      {data.name}
    </Anchor>
  );
}
