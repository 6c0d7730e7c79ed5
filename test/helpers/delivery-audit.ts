import type { SteadyPublisher, SteadySubscriber } from './steady-client.ts'

/** A subscriber and the topics that it must have got all of. */
export interface Audited {
  readonly subscriber: SteadySubscriber
  readonly topics: RegExp
  /** Topics of which nothing may come twice. */
  readonly once: RegExp | undefined
}

function sentTopics(publishers: readonly SteadyPublisher[], topics: RegExp): [topic: string, number: number][] {
  return publishers.flatMap(({ sent }) => [...sent]).filter(([topic]) => topics.test(topic))
}

/** Everybody has everything. */
export function isDelivered(publishers: readonly SteadyPublisher[], audited: readonly Audited[]): boolean {
  return audited.every(({ subscriber: { received }, topics }) =>
    sentTopics(publishers, topics).every(([topic, number]) => received.get(topic)?.includes(number)),
  )
}

/** What was lost, came twice that must not, or came for the first time after something later. */
export function auditDeliveries(publishers: readonly SteadyPublisher[], audited: readonly Audited[]) {
  const lost: string[] = []
  const doubled: string[] = []
  const disordered: string[] = []
  for (const { subscriber, topics, once } of audited) {
    const { id, received } = subscriber
    for (const [topic, number] of sentTopics(publishers, topics)) {
      const list = received.get(topic) ?? []
      const seen = [...new Set(list)]
      if (seen.length < number) lost.push(`${id} ${topic}: ${number - seen.length} of ${number}`)
      if (seen.some((value, place) => place > 0 && value < (seen[place - 1] as number))) {
        disordered.push(`${id} ${topic}`)
      }
      if (once?.test(topic) && list.length > seen.length) doubled.push(`${id} ${topic}: ${list.length - seen.length}`)
    }
  }
  return { lost, doubled, disordered }
}
