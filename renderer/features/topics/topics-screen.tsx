import { useEffect } from 'react'
import { useStore } from '../../state/store.ts'
import type { ThemeSetting } from '../../state/theme-choice.ts'
import { useHeardNow } from '../../state/use-now.ts'
import type { Workbench } from '../../state/workbench.ts'
import { formatCount, formatRate } from '../../ui/format.ts'
import { SearchInput } from '../../ui/search-input.tsx'
import { Split } from '../../ui/split.tsx'
import { TopicPane } from './topic-detail.tsx'
import { TopicTree } from './topic-tree.tsx'
import { describeCounts, describeNone } from './topic-words.ts'
import '../../ui/pane-head.css'
import '../../ui/text-box.css'
import './topics.css'

export interface TopicsScreenProps {
  readonly workbench: Workbench
  /** False while nothing is heard of the workbench. */
  readonly connected: boolean
  readonly theme: ThemeSetting
}

/** What is published to the broker, as a tree of topics, and one of them in full. */
export function TopicsScreen({ workbench, connected, theme }: TopicsScreenProps) {
  const { topics } = workbench
  const now = useHeardNow(connected)
  const shownTheme = useStore(theme.theme)
  useEffect(() => {
    topics.start()
    return () => topics.stop()
  }, [topics])
  return (
    <Split
      label="Size of the topic"
      name="topic"
      initial={640}
      least={320}
      leastFirst={420}
      first={<Tree workbench={workbench} now={now} />}
      second={<TopicPane workbench={workbench} connected={connected} now={now} theme={shownTheme} />}
    />
  )
}

function Tree({ workbench, now }: { readonly workbench: Workbench; readonly now: number }) {
  const { topics } = workbench
  const counts = useStore(topics.counts)
  const { search } = useStore(topics.choice)
  const answer = useStore(topics.page.answer)
  const found = answer?.params.search === search ? answer.result?.total : undefined
  return (
    <section className="topics" aria-label="Tree of topics">
      <header className="pane-head">
        <h2>Topics</h2>
        <span className="pane-note">{counts === undefined ? '' : formatRate(counts.rate)}</span>
        <span className="pane-space" />
        <div className="topics-search">
          <SearchInput
            label="Find topics"
            placeholder="part of a topic, or a filter such as plant/+/status"
            value={search}
            onChange={(text) => topics.search(text)}
          />
        </div>
      </header>
      {found === 0 && (
        <p className="pane-none">
          {search === ''
            ? 'Nothing has been published since topics are watched, which began when this screen was opened, and nothing is retained.'
            : describeNone(search, counts?.topics ?? 0)}
        </p>
      )}
      <TopicTree topics={topics} />
      {counts !== undefined && (
        <footer className="topics-foot" data-testid="topics-count">
          {search !== '' && found !== undefined && `${formatCount(found)} found · `}
          {describeCounts(counts, now)}
        </footer>
      )}
    </section>
  )
}
