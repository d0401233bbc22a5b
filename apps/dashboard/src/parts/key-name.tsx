import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

interface KeyNameProps {
  readonly id: string;
  readonly name: string | undefined;
  /** Among other words, where a colour alone would not tell it from them. */
  readonly inText?: boolean;
}

/** A key by its name; by the end of its id while that is not known, or where it is deleted. */
export function KeyName({ id, name, inText = false }: KeyNameProps) {
  if (name === undefined) return <span className="mono">…{id.slice(-6)}</span>;
  return (
    <Anchor component={Link} to={`/keys/${id}`} inherit underline={inText ? 'always' : 'hover'}>
      {name}
    </Anchor>
  );
}
