import { type AclRule, type AclSettings, type Identity, isAbout, levelsFor } from './acl-rule.ts'
import { covers, intersection, type Levels, levelsOf } from './filter-sets.ts'

export interface AclVerdict {
  readonly allowed: boolean
  /** What decided, in words, such as `rule 2: deny publish to plant/#`. */
  readonly rule: string
}

type Deed = 'publish' | 'subscribe'

/** A filter of a rule, for one client. */
interface Line {
  readonly levels: Levels
  readonly verdict: AclVerdict
}

/** What was found out for one client. */
interface Known {
  readonly lines: Readonly<Record<Deed, readonly Line[]>>
  readonly publish: Map<string, AclVerdict>
}

/** Topics whose verdict is remembered for each client: few devices publish to more. */
const mostKnown = 256

const free: AclVerdict = { allowed: true, rule: 'there are no rules' }

/** Statistics of the broker are for everybody, unless a rule says otherwise. */
const system: Line = {
  levels: ['$SYS', '#'],
  verdict: { allowed: true, rule: '$SYS topics may be read where no rule denies it' },
}

/** Decides what clients may publish and subscribe to. What was decided is remembered with the Identity object. */
export class Acl {
  readonly #rules: readonly AclRule[]
  readonly #otherwise: AclVerdict
  readonly #known = new WeakMap<Identity, Known>()
  /** Everything is allowed. */
  readonly #isFree: boolean

  constructor({ rules, otherwise }: AclSettings = { rules: [], otherwise: 'allow' }) {
    this.#rules = rules
    this.#otherwise =
      otherwise === 'allow'
        ? { allowed: true, rule: 'no rule denies it' }
        : { allowed: false, rule: 'no rule allows it' }
    this.#isFree = rules.length === 0 && otherwise === 'allow'
  }

  /** @param topic a Topic Name without wildcards */
  mayPublish(client: Identity, topic: string): AclVerdict {
    if (this.#isFree) return free
    const known = this.#of(client)
    return known.publish.get(topic) ?? this.#decide(known, topic)
  }

  /**
   * A Subscription is allowed when every Topic Name that its filter matches is: when a rule that allows covers it, and no
   * rule before denies any of it. That several rules together may cover it is not looked at.
   *
   * @param filter a valid Topic Filter; of a Shared Subscription with its `$share/NAME/`
   */
  maySubscribe(client: Identity, filter: string): AclVerdict {
    if (this.#isFree) return free
    const wanted = levelsOf(withoutShare(filter))
    const lines = this.#of(client).lines.subscribe
    for (const [i, { levels, verdict }] of lines.entries()) {
      if (verdict.allowed) {
        if (covers(levels, wanted)) return verdict
        continue
      }
      const both = intersection(levels, wanted)
      // Whatever covers all of it before has decided about it, and has allowed it, or this would not be reached.
      if (both === undefined || lines.slice(0, i).some((line) => covers(line.levels, both))) continue
      return covers(levels, wanted)
        ? verdict
        : { allowed: false, rule: `${verdict.rule}, which is a part of ${filter}` }
    }
    return this.#otherwise
  }

  #decide(known: Known, topic: string): AclVerdict {
    const name = levelsOf(topic)
    const line = known.lines.publish.find(({ levels }) => covers(levels, name))
    const verdict = line?.verdict ?? this.#otherwise
    if (known.publish.size >= mostKnown) known.publish.clear()
    known.publish.set(topic, verdict)
    return verdict
  }

  #of(client: Identity): Known {
    let known = this.#known.get(client)
    if (known === undefined) {
      const proved = client.isClaimed ? { ...client, userName: undefined } : client
      known = {
        lines: {
          publish: this.#lines(proved, 'publish'),
          subscribe: [...this.#lines(proved, 'subscribe'), system],
        },
        publish: new Map(),
      }
      this.#known.set(client, known)
    }
    return known
  }

  #lines(client: Identity, deed: Deed): Line[] {
    return this.#rules.flatMap((rule, i) => {
      if ((rule.action !== 'all' && rule.action !== deed) || !isAbout(rule, client)) return []
      return rule.topics.flatMap((filter) => {
        const levels = levelsFor(filter, rule.effect, client)
        const words = `rule ${i + 1}: ${rule.effect} ${deed} to ${filter}`
        return levels === undefined ? [] : [{ levels, verdict: { allowed: rule.effect === 'allow', rule: words } }]
      })
    })
  }
}

/** The Topic Filter of a Shared Subscription [MQTT 5 §4.8.2]. */
function withoutShare(filter: string): string {
  if (!filter.startsWith('$share/')) return filter
  const end = filter.indexOf('/', '$share/'.length)
  return end < 0 ? filter : filter.slice(end + 1)
}
