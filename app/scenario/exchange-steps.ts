import type { Exchange, Step } from '../handshake/message.ts'

/** What became of a packet, as `toShow` writes it. */
const marks = { dropped: '✕', held: '‖', changed: '≈', duplicated: '×2', delayed: '' } as const

/** How a user may write a mark besides. */
const spellings: Readonly<Record<string, string>> = { x: '✕', X: '✕', '×': '✕', '||': '‖', x2: '×2' }

const packets = ['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP']
const lost = '~'

/**
 * The steps of a handshake as `toShow` writes them: `PUBLISH`, `PUBREC✕`, `PUBLISH DUP`. Where a connection was lost there is `~`; that
 * it came back is seen by what follows.
 */
export function stepsOf({ steps }: Pick<Exchange, 'steps'>): string[] {
  return steps.flatMap((step) => tokenOf(step) ?? [])
}

/**
 * Whether a handshake shows these steps, in this order. `~` in it is asked for only where it is among the wanted: a lost
 * connection between two packets is no packet.
 */
export function showsSteps(exchange: Pick<Exchange, 'steps'>, wanted: readonly string[]): boolean {
  const all = stepsOf(exchange)
  const seen = wanted.includes(lost) ? all : all.filter((step) => step !== lost)
  return seen.length === wanted.length && wanted.every((step, i) => step === seen[i])
}

/**
 * A step as it is compared, of how a user writes it.
 *
 * @returns what is wrong with it, where it cannot be read: words that follow the step
 */
export function readStep(text: string): { readonly step: string } | { readonly problem: string } {
  const trimmed = text.trim()
  if (trimmed === lost) return { step: lost }
  const [, packet = '', dup, mark = ''] = /^([A-Za-z]+?)( DUP)?\s*(✕|‖|≈|×2|×|\|\||x2|x|X)?$/.exec(trimmed) ?? []
  const name = packet.toUpperCase()
  if (!packets.includes(name)) {
    return {
      problem: `is no step of a handshake; write ${packets.join(', ')}, with ' DUP', ✕, ‖, ≈ or ×2 after it, or ~`,
    }
  }
  if (dup !== undefined && name !== 'PUBLISH') return { problem: 'has a DUP flag, which only PUBLISH has' }
  return { step: `${name}${dup ?? ''}${spellings[mark] ?? mark}` }
}

function tokenOf(step: Step): string | undefined {
  if (step.kind === 'connection') return step.what === 'lost' ? lost : undefined
  return `${step.type}${step.dup ? ' DUP' : ''}${step.fate === undefined ? '' : marks[step.fate]}`
}
