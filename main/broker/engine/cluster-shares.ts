import { covers, type Levels, levelsOf } from '../../../app/session/access/filter-sets.ts'
import type { ShareName } from '../../../app/session/subscription.ts'
import { isBefore } from '../stores/shared-store.ts'
import type { RoutedMessage } from './routed-message.ts'
import { hashOf, type ShareStrategy } from './share-group.ts'

/** How long it is remembered which broker was to give a message to a group, in milliseconds; and how many for each broker. */
const rememberedMs = 30_000
const mostRemembered = 100_000

/** Who is a member of a Shared Subscription, as all brokers read it in the log. */
export interface MemberWord {
  readonly type: 'member'
  readonly group: string
  /** What topics are matched with. */
  readonly matches: string
  readonly clientId: string
  /** The broker that has its Session; absent where it is a member no longer. */
  readonly broker?: string
  /** Its client is connected. */
  readonly isThere: boolean
}

type Member = Pick<MemberWord, 'isThere'> & { readonly broker: string }

interface Share extends ShareName {
  readonly levels: Levels
  readonly members: Map<string, Member>
  /** Those of them that a message is given to, in an order that is the same at every broker. */
  chosen: readonly Member[] | undefined
}

/** A message that this broker is to give to a group. */
interface Claim {
  readonly share: ShareName
  readonly message: RoutedMessage
}

export interface ClusterSharesHost {
  /** This broker. */
  readonly id: string
  readonly strategy: ShareStrategy
  /** Gives it to a member that is here. @returns whether there is one */
  give(group: string, matches: string, message: RoutedMessage): boolean
  /** Whether the member is here, and whether its client is connected; undefined where it is not here. */
  memberHere(group: string, matches: string, clientId: string): boolean | undefined
  /** Tells all brokers. */
  say(word: MemberWord): void
  /** Puts it into the log again, for this group only. */
  again(share: ShareName, message: RoutedMessage): void
}

/**
 * Shared Subscriptions whose members are at several brokers. Who is a member where is read in the log, so that for each
 * message in the log all brokers find the same broker that gives it to a group. Where that one has no member by then, it
 * puts the message into the log again, for the group alone; where it is dead, the broker that adopts its Sessions takes
 * over what it had not read.
 */
export class ClusterShares {
  readonly #host: ClusterSharesHost
  readonly #shares = new Map<string, Share>()
  /** What other brokers were to give, by broker: places in the log and groups. */
  readonly #others = new Map<string, { readonly position: string; readonly share: Share }[]>()
  #claims: Claim[] = []
  /** The broker to which Sessions are being handed over, while they are. */
  #handingTo: string | undefined
  #isSilent = false
  /** Members that were missed at the last beat. */
  #suspects = new Set<Member>()

  constructor(host: ClusterSharesHost) {
    this.#host = host
  }

  /** A Session here has become a member, or is one no longer. */
  changed(clientId: string, group: string, matches: string, isMember: boolean): void {
    if (this.#isSilent) return
    const broker = isMember ? this.#host.id : this.#handingTo
    const isThere = isMember && this.#host.memberHere(group, matches, clientId) === true
    const word = { type: 'member', group, matches, clientId, isThere } as const
    this.#host.say(broker === undefined ? word : { ...word, broker })
  }

  /** What is done meanwhile hands Sessions over to another broker: their members go there, and are not gone. */
  handOver(to: string, what: () => void): void {
    this.#handingTo = to
    try {
      what()
    } finally {
      this.#handingTo = undefined
    }
  }

  /** What is done meanwhile is said to nobody: Sessions leave that other brokers have already. */
  leave(what: () => void): void {
    this.#isSilent = true
    try {
      what()
    } finally {
      this.#isSilent = false
    }
  }

  /** Who is a member here, where what was said of it is lost. */
  sayAgain(): void {
    for (const { group, matches, members } of this.#shares.values()) {
      for (const [clientId, { broker, isThere }] of members) {
        if (broker === this.#host.id) this.#host.say({ type: 'member', group, matches, clientId, broker, isThere })
      }
    }
  }

  /** A word of any broker, in the order of the log. */
  hear({ broker, clientId, group, isThere, matches }: MemberWord): void {
    const key = `${group}/${matches}`
    const share = this.#shares.get(key) ?? {
      group,
      matches,
      levels: levelsOf(matches),
      members: new Map<string, Member>(),
      chosen: undefined,
    }
    if (broker === undefined) share.members.delete(clientId)
    else share.members.set(clientId, { broker, isThere })
    share.chosen = undefined
    if (share.members.size === 0) this.#shares.delete(key)
    else this.#shares.set(key, share)
    this.settle()
  }

  /** A message of the log. @param only the group that it is for; undefined for all that match */
  arrived(position: string, message: RoutedMessage, only?: ShareName): void {
    if (this.#shares.size === 0) return
    for (const share of about(this.#shares.values(), message.topic, only)) {
      const broker = this.#choose(share, position, message)
      if (broker === this.#host.id) this.#claim({ share, message })
      else this.#remember(broker, position, share)
    }
  }

  /** What a broker was to give, of what this one has read itself: groups by place in the log. */
  remembered(broker: string): ReadonlyMap<string, readonly Share[]> {
    const found = new Map<string, Share[]>()
    for (const { position, share } of this.#others.get(broker) ?? []) {
      found.set(position, [...(found.get(position) ?? []), share])
    }
    return found
  }

  /** The same of what was in the log before this broker began to read it, by who is a member where at this moment. */
  before(broker: string): (position: string, message: RoutedMessage, only?: ShareName) => Share[] {
    const shares = [...this.#shares.values()].map((share) => ({ ...share, members: new Map(share.members) }))
    return (position, message, only) =>
      about(shares, message.topic, only).filter((share) => this.#choose(share, position, message) === broker)
  }

  /** A broker is dead; its members count as members of the one that has adopted its Sessions. */
  moved(dead: string, to: string): void {
    for (const share of this.#shares.values()) {
      for (const [clientId, { broker }] of share.members) {
        if (broker === dead) share.members.set(clientId, { broker: to, isThere: false })
      }
      share.chosen = undefined
    }
    this.#others.delete(dead)
    this.settle()
  }

  /** This broker is to give it to the group. @returns whether that has members */
  claim(share: ShareName, message: RoutedMessage): boolean {
    return this.#claim({ share, message })
  }

  /** Gives what could not be given before, as far as that can be done now. */
  settle(): void {
    const claims = this.#claims
    this.#claims = []
    for (const claim of claims) this.#claim(claim)
  }

  /** Once a second: says whose clients have come or gone, and who is no member here any more. @param now position */
  beat(now: string): void {
    const suspects = new Set<Member>()
    for (const share of this.#shares.values()) {
      for (const [clientId, member] of share.members) {
        if (member.broker === this.#host.id) this.#check(share, clientId, member, suspects)
      }
    }
    this.#suspects = suspects
    const oldest = `${Number(now.split('-')[0]) - rememberedMs}-0`
    for (const [broker, all] of this.#others) {
      const first = all.findIndex(({ position }) => !isBefore(position, oldest))
      if (first === -1) this.#others.delete(broker)
      else all.splice(0, Math.max(first, all.length - mostRemembered))
    }
  }

  /** It may be on its way here: only the second time counts. */
  #check(share: Share, clientId: string, member: Member, suspects: Set<Member>): void {
    const { group, matches } = share
    const isThere = this.#host.memberHere(group, matches, clientId)
    if (isThere === member.isThere) return
    const word = { type: 'member', group, matches, clientId, isThere: isThere === true } as const
    if (isThere !== undefined) this.#host.say({ ...word, broker: this.#host.id })
    else if (this.#suspects.has(member)) this.#host.say(word)
    else suspects.add(member)
  }

  /** The broker that gives it: one whose member is connected, as long as there is one. */
  #choose(share: Share, position: string, { origin, topic }: RoutedMessage): string {
    share.chosen ??= choosable(share.members)
    const { chosen } = share
    return (chosen[this.#index(position, topic, origin.clientId) % chosen.length] as Member).broker
  }

  #index(position: string, topic: string, publisher: string | undefined): number {
    switch (this.#host.strategy) {
      case 'round robin':
      case 'random':
        return hashOf(position)
      case 'hash of client id':
        return hashOf(publisher ?? '')
      case 'hash of topic':
        return hashOf(topic)
      case 'sticky':
        return 0
    }
  }

  /** @returns false where nobody has subscribed any more */
  #claim(claim: Claim): boolean {
    const { message, share } = claim
    const { group, matches } = share
    if (this.#host.give(group, matches, message)) return true
    const members = this.#shares.get(`${group}/${matches}`)?.members
    if (members === undefined) return false
    const isExpected = [...members.values()].some(({ broker }) => broker === this.#host.id)
    if (isExpected) this.#claims.push(claim)
    else this.#host.again(share, message)
    return true
  }

  #remember(broker: string, position: string, share: Share): void {
    const known = this.#others.get(broker)
    if (known === undefined) this.#others.set(broker, [{ position, share }])
    else known.push({ position, share })
  }
}

function choosable(members: ReadonlyMap<string, Member>): Member[] {
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member)
  const there = sorted.filter(({ isThere }) => isThere)
  return there.length > 0 ? there : sorted
}

function about(shares: Iterable<Share>, topic: string, only: ShareName | undefined): Share[] {
  if (only !== undefined) return [...shares].filter((share) => isSame(share, only))
  const levels = levelsOf(topic)
  return [...shares].filter((share) => covers(share.levels, levels))
}

function isSame(a: ShareName, b: ShareName): boolean {
  return a.group === b.group && a.matches === b.matches
}
