// A person as a pebble: colour and shape from the id, letters from the name, presence at its edge by
// shape (full disc: online, half disc: away). Its size is fixed before anything is known.
import { initials, shapeOf, toneOf } from '../state/tone';
import './avatar.css';
import { Icon } from './icon';

interface Props {
  readonly id: string;
  readonly name: string;
  readonly size?: 's' | 'm' | 'l';
  readonly group?: boolean;
  readonly presence?: 'online' | 'away' | 'offline' | undefined;
}

export function Avatar({ id, name, size = 'm', group = false, presence }: Props) {
  const letters = initials(name);
  return (
    <span
      className={`avatar avatar--${size} avatar--shape-${shapeOf(id)} tone tone-${toneOf(id)}`}
      aria-hidden="true"
    >
      <span className="avatar__pebble">
        {group && letters === '' ? <Icon name="group" /> : <bdi>{letters}</bdi>}
      </span>
      {(presence === 'online' || presence === 'away') && (
        <span className={`avatar__presence avatar__presence--${presence}`} />
      )}
    </span>
  );
}
