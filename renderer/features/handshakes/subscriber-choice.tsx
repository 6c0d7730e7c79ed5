import { useId, useState } from 'react'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import type { Subscriber } from './subscribers.ts'

/** More than this many entries nobody reads: then a part of the name finds the others. */
const mostListed = 50

export interface SubscriberChoiceProps {
  readonly subscribers: readonly Subscriber[]
  /** Indices of those that are shown. */
  readonly shown: readonly number[]
  /** How many can be shown at a time. */
  readonly room: number
  readonly onChoose: (subscribers: readonly number[]) => void
}

/** Which subscribers' lifelines are drawn, where there is no room for all. */
export function SubscriberChoice({ subscribers, shown, room, onChoose }: SubscriberChoiceProps) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <div className="subscriber-choice">
      <span role="status">
        Shown: {shown.map((index) => subscribers[index]?.name).join(', ')} · {formatCount(shown.length)} of{' '}
        {formatPlural(subscribers.length, 'subscriber')}
      </span>
      <button
        type="button"
        className="subscriber-open"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? 'Done' : 'Choose others'}
      </button>
      {open && <Choices id={id} subscribers={subscribers} shown={shown} room={room} onChoose={onChoose} />}
    </div>
  )
}

function Choices({ id, subscribers, shown, room, onChoose }: SubscriberChoiceProps & { readonly id: string }) {
  const [text, setText] = useState('')
  const wanted = text.trim().toLowerCase()
  const found = subscribers
    .map(({ name, state }, index) => ({ index, name, state }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
  // The one that was chosen last stays; the one that was chosen first makes room.
  const toggle = (index: number) =>
    onChoose(shown.includes(index) ? shown.filter((other) => other !== index) : [...shown, index].slice(-room))
  return (
    <div className="subscriber-choices" id={id}>
      <SearchInput
        label="Find a subscriber"
        placeholder={`find one of ${formatCount(subscribers.length)}`}
        value={text}
        onChange={setText}
      />
      <ul>
        {found.slice(0, mostListed).map(({ index, name, state }) => (
          <li key={index}>
            <label>
              <input
                type="checkbox"
                checked={shown.includes(index)}
                disabled={shown.length === 1 && shown.includes(index)}
                onChange={() => toggle(index)}
              />
              <span>{name}</span>
              <small>{state}</small>
            </label>
          </li>
        ))}
      </ul>
      {found.length > mostListed && <p>{formatCount(found.length - mostListed)} more: type a part of the name.</p>}
      {found.length === 0 && <p>No subscriber has “{text.trim()}” in its name.</p>}
    </div>
  )
}
