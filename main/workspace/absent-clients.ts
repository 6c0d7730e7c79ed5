import { closest } from '../../app/base/closest.ts'
import { readTokens, type Token } from './bare-calls.ts'

/** A name in a script that nobody has whom it could mean. */
export interface AbsentClient {
  /** Index of the text. */
  readonly at: number
  readonly message: string
}

interface Surroundings {
  /** Of all devices, and of the observer. */
  readonly ids: readonly string[]
  readonly groups: readonly string[]
  /** What the scenario imports, and the scripts of its devices. */
  readonly others: readonly string[]
}

/** Functions that refuse the name of nobody. */
const takers = new Set(['expireSession', 'link'])

/**
 * Names in `link('…')` and `expireSession('…')` that no device and no client of a scenario can have. A scenario's broker has no
 * port that anybody else knows; but where ids are reckoned, here or in a device's script, nothing is said, nor of a name that is
 * written somewhere else as well.
 */
export function absentClients(text: string, { groups, ids, others }: Surroundings): AbsentClient[] {
  const all = [text, ...others].map(readTokens)
  const [own = []] = all
  const found = named(own)
  if (found.length === 0 || all.some(hasOtherIds) || declaresLink(own)) return []
  const isUncounted = all.some((tokens) => tokens.some((token) => /^(?:fleet|rampTo)$/.test(token.text)))
  const meant = new Set(all.flatMap(named).map(({ token }) => token))
  const written = new Set(
    all.flatMap((tokens) => tokens.filter((token, at) => !meant.has(token) && !isScript(tokens, at)).map(contentOf)),
  )
  return found.flatMap(({ id, token }) => {
    if (ids.includes(id) || written.has(id) || !/^[^*]+$/.test(id)) return []
    if (isUncounted && groups.some((group) => id === group || id.startsWith(`${group}-`))) return []
    const near = closest(id, ids)
    const offer = near === undefined ? `a pattern may fit nobody, such as '${id}*'` : `did you mean '${near}'?`
    return [{ at: token.start, message: `there is no device and no client '${id}' in this scenario; ${offer}` }]
  })
}

function named(tokens: readonly Token[]): { readonly id: string; readonly token: Token }[] {
  return tokens.flatMap((token, at) => {
    const isTaken =
      takers.has(tokens[at - 2]?.text ?? '') && tokens[at - 1]?.text === '(' && tokens[at + 1]?.text === ')'
    const id = isTaken ? contentOf(token) : undefined
    return id === undefined ? [] : [{ id, token }]
  })
}

/** Whether it is the name of a device's script, which is no id. */
function isScript(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.text === ':' && tokens[at - 2]?.text === 'script'
}

/** Of a string; with escapes in it, it would have to be read. */
function contentOf({ kind, text }: Token): string | undefined {
  return kind === 'string' && !text.includes('\\') ? text.slice(1, -1) : undefined
}

/** Whether there are clients of which nobody knows the ids: those of devices that say theirs, and of names that are no literals. */
function hasOtherIds(tokens: readonly Token[]): boolean {
  return tokens.some(({ text }, at) => {
    if (/^['"]?clientId['"]?$/.test(text)) return true
    const argument = text === 'client' && tokens[at + 1]?.text === '(' ? tokens[at + 2] : undefined
    return argument !== undefined && contentOf(argument) === undefined
  })
}

/** Whether `link` may be another function than that of scenarios. */
function declaresLink(tokens: readonly Token[]): boolean {
  return tokens.some(({ text }, at) => {
    if (text !== 'link') return false
    return (
      /^(?:const|let|var|function|as|:)$/.test(tokens[at - 1]?.text ?? '') || /^=$/.test(tokens[at + 1]?.text ?? '')
    )
  })
}
