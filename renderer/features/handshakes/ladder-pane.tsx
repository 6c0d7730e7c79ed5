import { useEffect, useMemo, useRef, useState } from 'react'
import type { MessageSnapshot } from '../../../app/contract/messages.ts'
import { formatCount, formatPlural } from '../../ui/format.ts'
import { useWidth } from '../../ui/use-width.ts'
import { countsOf, promiseOf } from './counts.ts'
import { Ladder } from './ladder.tsx'
import { roomForSubscribers } from './ladder-lanes.ts'
import { layoutLadder } from './ladder-layout.ts'
import { Likely } from './message-row.tsx'
import { SubscriberChoice } from './subscriber-choice.tsx'
import { chooseSubscribers, subscribersOf } from './subscribers.ts'
import { formatTimeOfDay } from './times.ts'

const mostSteps = 500
/** Pixels from the end within which the ladder follows what comes. */
const followsWithin = 60

export interface LadderPaneProps {
  readonly message: MessageSnapshot
  readonly selectedPacket: number | undefined
  readonly onSelectPacket: (packet: number) => void
  /** Number of the held packet that the buttons act on. */
  readonly next: number | undefined
  /** Wall time in milliseconds at which the capture's time is 0. */
  readonly captureStart: number
  readonly broker: string
}

/** One message's way from its publisher to its subscribers. */
export function LadderPane(props: LadderPaneProps) {
  const { message, selectedPacket, onSelectPacket, next, captureStart, broker } = props
  const [measured, width] = useWidth<HTMLDivElement>()
  const [chosen, setChosen] = useState<readonly number[] | undefined>(undefined)
  const room = roomForSubscribers(width)
  const subscribers = useMemo(() => subscribersOf(message), [message])
  const shown = (chosen ?? chooseSubscribers(subscribers, room)).slice(-room).sort((a, b) => a - b)
  const key = shown.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for `shown`, which is another array each time
  const ladder = useMemo(() => {
    if (width === 0) return undefined
    return layoutLadder(message, { width, subscribers: pick(subscribers, shown), mostSteps, next })
  }, [message, subscribers, width, key, next])
  const scroller = useFollowing(ladder?.height ?? 0, selectedPacket)
  return (
    <>
      <header className="pane-head">
        <LadderTitle message={message} captureStart={captureStart} />
        <span className="pane-space" />
        <Outcome message={message} />
      </header>
      <div className="handshakes-notices">
        {subscribers.length > shown.length && (
          <SubscriberChoice subscribers={subscribers} shown={shown} room={room} onChoose={setChosen} />
        )}
        {ladder !== undefined && ladder.leftOut > 0 && (
          <p role="status">
            The newest {mostSteps} steps are shown; {formatPlural(ladder.leftOut, 'older one')}{' '}
            {ladder.leftOut === 1 ? 'is' : 'are'} left out.
          </p>
        )}
      </div>
      <div className="handshakes-ladder" ref={scroller}>
        <div className="ladder-width" ref={measured}>
          {ladder !== undefined && (
            <Ladder
              ladder={ladder}
              selected={selectedPacket}
              next={next}
              onSelect={onSelectPacket}
              broker={message.target || broker}
            />
          )}
        </div>
      </div>
    </>
  )
}

function pick<T>(all: readonly T[], indices: readonly number[]): T[] {
  return indices.flatMap((index) => all[index] ?? [])
}

function LadderTitle({ message, captureStart }: { readonly message: MessageSnapshot; readonly captureStart: number }) {
  const { topic, qos, retain, origin, publisherId, match } = message
  const started = formatTimeOfDay(captureStart + message.startedAt / 1e6)
  const parts = [`QoS ${qos} · ${promiseOf(qos)}`]
  if (retain) parts.push('retain')
  if (origin === 'will') parts.push(`will of ${publisherId ?? 'an unseen client'}`)
  if (origin === 'retained') parts.push('was retained before')
  if (origin === 'broker') parts.push('from the broker itself')
  return (
    <>
      <h2 className="pane-name" title={`${topic}, ${started}`}>
        {topic}
      </h2>
      <span className="handshakes-facts">
        {parts.join(' · ')}
        {match === 'likely' && <Likely />}
      </span>
    </>
  )
}

/** `stored 1× by broker · delivered 1× despite 2 sends` */
function Outcome({ message }: { readonly message: MessageSnapshot }) {
  const { stored, delivered, tone, sends } = countsOf(message)
  const unseen = message.target !== '' && message.exchanges.length === 0
  return (
    <span className="handshakes-outcome" data-testid="outcome">
      {stored !== undefined && <span className="handshakes-stored">stored {formatCount(stored)}× by broker · </span>}
      {unseen ? (
        'deliveries not seen'
      ) : (
        <>
          delivered <b className={`count-${tone}`}>{formatCount(delivered)}×</b>
        </>
      )}
      {sends > 1 && ` despite ${formatCount(sends)} sends`}
    </span>
  )
}

/** Keeps the end in sight while somebody looks at the end, and the packet that was selected. */
function useFollowing(height: number, selectedPacket: number | undefined) {
  const scroller = useRef<HTMLDivElement>(null)
  const before = useRef(0)
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const atEnd = element.scrollTop + element.clientHeight >= before.current - followsWithin
    if (before.current > 0 && height > before.current && atEnd) element.scrollTop = element.scrollHeight
    before.current = height
  }, [height])
  useEffect(() => {
    if (selectedPacket === undefined) return
    const row = scroller.current?.querySelector(`[data-packet="${selectedPacket}"]`)
    row?.scrollIntoView({ block: 'nearest' })
  }, [selectedPacket])
  return scroller
}
