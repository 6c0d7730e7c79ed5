import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import type { FleetChange, LoadSettings } from '../../../app/device/fleet.ts'
import { readNameTemplate, readTemplate } from '../../../app/device/payload-template.ts'
import { milliseconds } from '../../../app/script-api/duration.ts'
import { checkTopicName } from '../../../app/script-api/topics.ts'
import type { Fleet } from '../../state/fleets.ts'

/** What the panel can change, as it is typed. */
export interface FleetValues {
  readonly count: string
  readonly ramp: string
  readonly topic: string
  readonly every: string
  readonly payload: string
  readonly qos: '0' | '1' | '2'
  readonly retain: boolean
}

export type FleetField = keyof FleetValues

/** Fields that somebody has changed and not applied: what is not among them follows the fleet. */
export type FleetDraft = { readonly [F in FleetField]?: FleetValues[F] }

/** What is wrong, by field; what concerns no field alone is under `all`. */
export type FleetProblems = Readonly<Partial<Record<FleetField | 'all', string>>>

export const countFields = ['count', 'ramp'] as const
export const loadFields = ['topic', 'every', 'payload', 'qos', 'retain'] as const

const mostClients = { load: 100_000, scripted: 10_000 } as const
/** A day. */
const longest = 86_400_000

/** What the fields show: what was typed, or else what the fleet does now. */
export function shownValues(fleet: Fleet, draft: FleetDraft): FleetValues {
  const settings = fleet.settings
  return {
    count: String(fleet.wanted),
    ramp: '',
    topic: settings?.topic ?? '',
    every: writeDuration(settings?.everyMs ?? 0),
    payload: settings?.payload ?? '',
    qos: qosText(settings?.qos ?? 0),
    retain: settings?.retain ?? false,
    ...draft,
  }
}

/** The draft without what says no more than the fleet does. */
export function cleanDraft(fleet: Fleet, draft: FleetDraft): FleetDraft {
  const now = shownValues(fleet, {})
  const kept = (Object.keys(draft) as FleetField[]).filter((field) => draft[field] !== now[field])
  return Object.fromEntries(kept.map((field) => [field, draft[field]]))
}

/** What the workspace says a field is, as it would be typed, where the fleet does something else now; by field. */
export function changedFields(fleet: Fleet): FleetDraft {
  const { written } = fleet
  const now = shownValues(fleet, {})
  const said = shownValues({ ...fleet, wanted: written.count, settings: written.settings ?? fleet.settings }, {})
  return cleanDraft(fleet, Object.fromEntries((Object.keys(now) as FleetField[]).map((field) => [field, said[field]])))
}

/**
 * What the changed ones among `fields` ask for, or what is wrong with them. A field that cannot be read is never sent;
 * what only the workbench can judge, it says itself.
 */
export function readDraft(
  fleet: Fleet,
  draft: FleetDraft,
  fields: readonly FleetField[],
): { readonly change: FleetChange } | { readonly problems: FleetProblems } {
  const problems: Partial<Record<FleetField, string>> = {}
  const change: { -readonly [K in keyof FleetChange]: FleetChange[K] } = {}
  for (const field of fields) {
    const value = draft[field]
    if (value === undefined) continue
    try {
      Object.assign(change, readField(fleet, field, draft))
    } catch (error) {
      problems[field] = messageOf(error)
    }
  }
  return Object.keys(problems).length === 0 ? { change } : { problems }
}

function readField(fleet: Fleet, field: FleetField, draft: FleetDraft): FleetChange {
  switch (field) {
    case 'count':
      return { count: readCount(draft.count ?? '', mostClients[fleet.kind]) }
    case 'ramp':
      return { rampMs: draft.ramp?.trim() === '' ? 0 : readDuration(draft.ramp ?? '', 'the ramp') }
    case 'every':
      return { everyMs: readDuration(draft.every ?? '', 'the time between two messages') }
    case 'topic':
      readNameTemplate(draft.topic ?? '', 'the topic')
      return { topic: checkTopicName(draft.topic, 'the topic') }
    case 'payload':
      return { payload: readTemplate(draft.payload ?? '', 'the payload').text }
    case 'qos':
      return { qos: Number(draft.qos) as LoadSettings['qos'] }
    case 'retain':
      return { retain: draft.retain === true }
  }
}

function readCount(text: string, most: number): number {
  const digits = text.trim().replaceAll(',', '')
  const count = Number(digits)
  if (!/^\d+$/.test(digits) || count > most) {
    throw new Error(`write a whole number from 0 to ${most.toLocaleString('en-US')}`)
  }
  return count
}

/** Only a time with its unit is one: nobody knows whether `30` means seconds. Nought needs none. */
function readDuration(text: string, what: string): number {
  const typed = text.trim().replace(/\s+/g, '')
  if (typed === '0') return 0
  if (!/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(typed)) throw new Error(`write ${what} as 250ms, 1.5s or 2m`)
  const ms = milliseconds(typed, what)
  if (ms > longest) throw new Error(`${what} is a day at most`)
  return ms
}

/** As it would be typed: `1s`, `1500ms`, `0`. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0'
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}

/** Words that a refusal begins with, or the path of its option, by field. */
const named: Readonly<Record<FleetField, readonly string[]>> = {
  count: ['count'],
  ramp: ['ramp', 'rampMs'],
  topic: ['topic'],
  every: ['every', 'everyMs'],
  payload: ['payload'],
  qos: ['qos'],
  retain: ['retain'],
}

/**
 * Where a refusal of the workbench belongs: at the field that it names, or at the only one that was sent, or at none.
 */
export function placeRefusal(error: unknown, sent: readonly FleetField[]): FleetProblems {
  const text = messageOf(error)
  const hint = error instanceof FaultlineError && error.hint !== undefined ? ` (${error.hint})` : ''
  const isInput = error instanceof FaultlineError && error.code === 'invalid-argument'
  const blamed = isInput ? blamedField(error, sent) : undefined
  return { [blamed ?? 'all']: `${text}${hint}` }
}

function blamedField(error: FaultlineError, sent: readonly FleetField[]): FleetField | undefined {
  const option = error.details?.['option']
  const said = typeof option === 'string' ? option : error.message
  const words = said.split(/[^A-Za-z]+/)
  const places = sent.flatMap((field) => {
    const at = words.findIndex((word) => named[field].includes(word))
    return at < 0 ? [] : { field, at }
  })
  const [first] = places.sort((a, b) => a.at - b.at)
  return first?.field ?? (sent.length === 1 ? sent[0] : undefined)
}

function qosText(qos: 0 | 1 | 2): FleetValues['qos'] {
  return (['0', '1', '2'] as const)[qos]
}
