import { useMemo, useState } from 'react'
import { useStore } from '../../state/store.ts'
import type { TopicDetail } from '../../state/topic-browser.ts'
import type { Workbench } from '../../state/workbench.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { formatCount, formatOctets, formatPlural, formatRate } from '../../ui/format.ts'
import { Sparkline } from '../../ui/sparkline.tsx'
import { diffLines, linesOf } from './payload-diff.ts'
import { describeHistory, describePublished, isNotFound } from './topic-words.ts'

type Published = NonNullable<TopicDetail['last']>

const qosTones = ['grey', 'blue', 'green'] as const

export interface TopicPaneProps {
  readonly workbench: Workbench
  readonly connected: boolean
  readonly now: number
  /** Changes when the tokens change, so that curves are drawn again. */
  readonly theme: string
}

/** One topic: how often something comes, what came last and what is retained. */
export function TopicPane({ workbench, connected, now, theme }: TopicPaneProps) {
  const { topics } = workbench
  const selected = useStore(topics.selected)
  const answer = useStore(topics.detail.answer)
  const shown = answer?.params === selected ? answer : undefined
  const { search } = useStore(topics.choice)
  const page = useStore(topics.page.answer)
  const found = page?.params.search === search ? page.result : undefined
  const isOther = selected !== undefined && found !== undefined && isNotFound(selected, search, found)
  return (
    <aside className="topic-pane" aria-label="Topic">
      <header className="pane-head">
        <h2 className={selected === undefined ? undefined : 'pane-name topic-name'} title={selected}>
          {selected ?? 'Topic'}
        </h2>
        {isOther && (
          <Chip tone="amber" title="It was chosen before, and is none of those that fit the search">
            not among those found
          </Chip>
        )}
      </header>
      {selected === undefined ? (
        <p className="pane-none">Choose a topic of the tree: here stands what was published to it.</p>
      ) : shown?.result === undefined ? (
        <p className="pane-none" role="status">
          {shown?.error === undefined
            ? 'The topic is being read from the workbench …'
            : 'Nothing is published under this very name: it is the beginning of the topics below it.'}
        </p>
      ) : (
        <div className="topic-body">
          <Figures detail={shown.result} theme={theme} />
          <Last detail={shown.result} now={now} />
          <Retained
            key={selected}
            detail={shown.result}
            now={now}
            connected={connected}
            onClear={() => {
              workbench
                .call('topics.clearRetained', { topic: selected })
                .then(() => topics.refresh())
                .catch((error) => workbench.report(error))
            }}
          />
        </div>
      )}
    </aside>
  )
}

function Figures({ detail, theme }: { readonly detail: TopicDetail; readonly theme: string }) {
  const { history, messages, rate } = detail
  return (
    <section className="topic-figures" aria-label="Rate">
      <b>{formatRate(rate)}</b>
      <Sparkline values={history} length={history.length} colour="--blue" theme={theme} width={150} fromZero />
      <span className="topics-quiet" data-testid="topic-history">
        {describeHistory(history)}
      </span>
      <span className="topics-quiet">{formatPlural(messages, 'message')} since topics are watched</span>
    </section>
  )
}

function Last({ detail, now }: { readonly detail: TopicDetail; readonly now: number }) {
  const { last, previous } = detail
  const [compared, setCompared] = useState(true)
  const lines = useMemo(() => {
    if (last === undefined) return []
    const after = linesOf(last.payload)
    return previous === undefined || !compared
      ? after.map((text) => ({ kind: 'same', text }) as const)
      : diffLines(linesOf(previous.payload), after)
  }, [last, previous, compared])
  if (last === undefined) {
    return (
      <section className="topic-section" aria-label="Last message">
        <h3 className="pane-title">Last message</h3>
        <p className="topics-quiet">None since topics are watched.</p>
      </section>
    )
  }
  const isSame = compared && previous !== undefined && lines.every(({ kind }) => kind === 'same')
  const kept = `${formatOctets(last.payloadLength)}, of which the first ${formatOctets(last.payload.length)} are kept here.`
  const remark = [isSame && 'The same as the one before.', last.payload.length < last.payloadLength && kept]
    .filter(Boolean)
    .join(' ')
  return (
    <section className="topic-section" aria-label="Last message">
      <header>
        <h3 className="pane-title">Last message</h3>
        <span className="pane-space" />
        {previous !== undefined && (
          <label className="topic-compare">
            <input type="checkbox" checked={compared} onChange={(event) => setCompared(event.target.checked)} />
            compare with the one before
          </label>
        )}
      </header>
      <About published={last} now={now} />
      <pre className="text-box topic-payload" data-testid="last-payload">
        {lines.map(({ kind, text }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name
          <span key={i} className={`topic-line topic-line-${kind}`}>
            {compared && previous !== undefined && { same: '  ', added: '+ ', removed: '− ' }[kind]}
            {text}
            {'\n'}
          </span>
        ))}
        {last.payloadLength === 0 && <span className="topics-quiet">empty</span>}
      </pre>
      {remark !== '' && <p className="topics-quiet">{remark}</p>}
    </section>
  )
}

function About({ published, now }: { readonly published: Published; readonly now: number }) {
  const { payloadLength, qos, retain } = published
  return (
    <p className="topic-about-line">
      <Chip tone={qosTones[qos]}>{`QoS ${qos}`}</Chip>
      {retain && <Chip tone="purple">RETAIN</Chip>} {describePublished(published, now)} · {formatCount(payloadLength)} B
    </p>
  )
}

interface RetainedProps {
  readonly detail: TopicDetail
  readonly now: number
  readonly connected: boolean
  readonly onClear: () => void
}

function Retained({ detail, now, connected, onClear }: RetainedProps) {
  const { retained, topic } = detail
  const [asked, setAsked] = useState(false)
  return (
    <section className="topic-section" aria-label="Retained message">
      <header>
        <h3 className="pane-title">Retained message</h3>
        <span className="pane-space" />
        {retained !== undefined && (
          <Button size="small" kind="danger" disabled={!connected} onClick={() => setAsked(true)}>
            Clear retained
          </Button>
        )}
      </header>
      {retained === undefined ? (
        <p className="topics-quiet">None: a new subscriber hears nothing until somebody publishes.</p>
      ) : (
        <>
          <About published={retained} now={now} />
          <pre className="text-box topic-payload" data-testid="retained-payload">
            {linesOf(retained.payload).join('\n')}
          </pre>
        </>
      )}
      {asked && (
        <Dialog title="Clear the retained message?" onClose={() => setAsked(false)}>
          <p className="topics-quiet">
            The broker publishes an empty message with RETAIN to <code>{topic}</code>: who subscribes now gets it, and
            who subscribes later gets nothing.
          </p>
          <div className="dialog-end">
            <Button onClick={() => setAsked(false)}>Cancel</Button>
            <Button
              kind="danger"
              onClick={() => {
                setAsked(false)
                onClear()
              }}
            >
              Clear retained
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  )
}
