import { deviceIds } from '../../app/device/device-id.ts'
import { observerId } from '../../app/scenario/observer.ts'
import type { ScenarioPlan } from '../../app/scenario/plan.ts'
import { absentClients } from '../workspace/absent-clients.ts'
import { placeAt } from '../workspace/json-text.ts'
import { tokensOf } from '../workspace/script-tokens.ts'
import type { ScriptMistake } from '../workspace/type-check.ts'
import { othersOf } from './scenario-texts.ts'

/** By file, of those whose static part is right. */
export type Plans = ReadonlyMap<string, ScenarioPlan>

interface Around {
  readonly planned: Plans
  readonly target: string | undefined
  readonly texts: ReadonlyMap<string, string>
}

/** Whether a scenario may say of a target, for all that its text tells. */
export function mayHaveTarget(text: string | undefined): boolean {
  return text !== undefined && targetsIn(text).length > 0
}

/** What stands behind that word, up to two tokens. */
function targetsIn(text: string): string[] {
  if (!/\btarget\b/.test(text)) return []
  const tokens = [...tokensOf(text)].filter(({ kind }) => kind !== 'comment')
  return tokens.flatMap(({ end, start }, at) => {
    const name = text.slice(start, Math.min(end, start + 9))
    return /^(?:'target'|"target"|target)$/.test(name) ? [text.slice(end, tokens[at + 2]?.end ?? end)] : []
  })
}

/** Without what only a target could not do, where there is none. */
export function ofTargets(found: readonly ScriptMistake[], { planned, target, texts }: Around): ScriptMistake[] {
  const hasTarget = (file: string) => {
    const plan = planned.get(file)
    // Of a plan that is wrong no more is known than its text.
    return plan === undefined
      ? targetsIn(texts.get(file) ?? '').some((behind) => /^\s*:\s*['"`]/.test(behind))
      : plan.target !== undefined
  }
  return found.filter(({ code, file }) => code !== 'target' || target !== undefined || hasTarget(file))
}

/** Names of devices and clients that there are not. */
export function absentIn(planned: Plans, texts: ReadonlyMap<string, string>): ScriptMistake[] {
  return [...planned].flatMap(([file, { groups }]) => {
    const text = texts.get(file) ?? ''
    const ids = [observerId, ...groups.flatMap(({ count, name }) => deviceIds(name, count))]
    const others = othersOf(
      file,
      texts,
      groups.map(({ script }) => script),
    )
    const found = absentClients(text, { ids, groups: groups.map(({ name }) => name), others })
    return found.map(({ at, message }) => ({ file, ...placeAt(text, at), code: 'client', message }))
  })
}
