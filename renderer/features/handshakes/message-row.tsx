import { memo } from 'react'
import type { MessageSummary } from '../../../app/contract/messages.ts'
import { Chip } from '../../ui/chip.tsx'
import { describeMessage } from './message-words.ts'
import '../../ui/list-row.css'

export interface MessageRowProps {
  readonly message: MessageSummary
  readonly selected: boolean
  readonly id: string
  readonly top: number
  readonly height: number
  /** How many characters fit into one line. */
  readonly lineLength: number
  /** Its place among all, from 1, and how many there are. */
  readonly place: number
  readonly of: number
  readonly onSelect: (id: number) => void
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, selected } = props
  const words = describeMessage(message, props.lineLength)
  const likely = message.match === 'likely'
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
    <div
      id={props.id}
      role="option"
      className="list-row message"
      style={{ top: props.top, height: props.height }}
      aria-selected={selected}
      aria-setsize={props.of}
      aria-posinset={props.place}
      onClick={() => props.onSelect(message.id)}
      data-testid={`message-${message.id}`}
    >
      <b className="message-topic" title={message.topic}>
        {message.topic === '' ? '(no topic)' : message.topic}
      </b>
      <Chip tone={words.chip.tone}>{words.chip.text}</Chip>
      <span className="message-line" title={words.line}>
        {words.line}
        {likely && words.more === '' && <Likely />}
      </span>
      {words.more !== '' && (
        <span className="message-line" title={words.more}>
          {words.more}
          {likely && <Likely />}
        </span>
      )}
    </div>
  )
})

const likelyBecause =
  'Likely: publisher and subscribers were put together by topic, payload and time, because this broker does not say which belong together.'

export function Likely() {
  return (
    <span className="message-likely" title={likelyBecause}>
      {' '}
      · likely
    </span>
  )
}
