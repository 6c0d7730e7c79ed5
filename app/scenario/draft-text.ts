import { describeRule } from '../faults/describe-rule.ts'
import { inTime } from '../faults/words.ts'
import { type DraftDevices, devicesOf } from './draft-devices.ts'
import { expectationsOf } from './draft-expectations.ts'
import { linkCall } from './draft-link.ts'
import { comment, duration, key, member, Names, object, quoted } from './draft-words.ts'
import type { DraftGroup, HandDeed, Sighting } from './hand-deeds.ts'

export interface DraftInput {
  /** What the scenario is called. */
  readonly name: string
  readonly seed: number | string
  /** The entries of the workspace. */
  readonly groups: readonly DraftGroup[]
  /** Oldest first, as what was seen. */
  readonly deeds: readonly HandDeed[]
  readonly sightings: readonly Sighting[]
}

/** Deeds with less time between them are one step, in milliseconds. */
const oneStepMs = 1500
/** The longest time that is let pass, in milliseconds. */
const longestWaitMs = 60_000
/** How long a scenario may take longer than what was done by hand, in milliseconds. */
const spareMs = 60_000

/** Deeds of one burst: a step of the scenario. */
interface Burst {
  readonly deeds: readonly HandDeed[]
  readonly begins: number
  /** When the next one begins. */
  readonly until: number
}

/**
 * What was done by hand as the text of a scenario that runs: a step for each burst of deeds, and after it an expectation for
 * what was certainly seen of the devices that it was about. What a scenario has no words for stands in it as a comment.
 */
export function draftText({ deeds, groups, name, seed, sightings }: DraftInput): string {
  const devices = devicesOf(groups, deeds)
  const bursts = burstsOf(deeds, devices, sightings)
  const writer = new Writer(devices, deeds)
  const lines: string[] = []
  for (const [id, state] of devices.before(sightings, deeds[0]?.at ?? 0)) lines.push(...writer.asBefore(id, state))
  for (const burst of bursts) {
    lines.push('', ...writer.step(burst.deeds))
    const seen = expectationsOf(burst, devices, sightings, (id) => writer.handle(id))
    lines.push(...seen)
    if (seen.length === 0 && burst.until !== Number.POSITIVE_INFINITY && burst.deeds.some(lasts)) {
      const pause = Math.min(longestWaitMs, burst.until - (burst.deeds.at(-1)?.at ?? 0))
      if (pause >= oneStepMs) {
        writer.use('wait')
        lines.push(`await wait(${duration(Math.round(pause / 100) * 100)})`)
      }
    }
  }
  if (lines.some((line) => line.includes('await expect('))) writer.use('expect')
  const used = writer.used()
  const span = (deeds.at(-1)?.at ?? 0) - (deeds[0]?.at ?? 0)
  return [
    `import { scenario } from 'faultline'`,
    '',
    `export default scenario(${quoted(name)}, {`,
    `  seed: ${typeof seed === 'number' ? seed : quoted(seed)},`,
    `  timeout: ${duration(Math.min(86_400_000, Math.ceil((2 * span + spareMs) / 1000) * 1000))},`,
    ...optionsOf(devices),
    `}, async (${used.length === 0 ? '' : `{ ${used.join(', ')} }`}) => {`,
    ...indented([...writer.declarations(), ...lines]),
    '})',
    '',
  ].join('\n')
}

/** A scenario to begin with, of one of the workspace's scripts where there is one. */
export function starterText(name: string, script: string | undefined): string {
  const group = script === undefined ? [] : [`  devices: { ${key(script)}: { script: ${quoted(script)} } },`]
  const variable = new Names().give(script ?? '')
  const body =
    script === undefined
      ? [
          `const watch = await observer.subscribe('greetings/#', { qos: 1 })`,
          `await step('a message is published', () => observer.publish('greetings/all', 'hello', { qos: 1 }))`,
          `await expect(watch).toReceive({ topic: 'greetings/all', payload: 'hello', qos: 1 })`,
        ]
      : [
          `const [${variable}] = ${member('devices', script)}`,
          `await step('its power is cut', () => ${variable}.powerLoss())`,
          `await expect(${variable}).toBeOffline()`,
          `await step('it is powered on', () => ${variable}.powerOn())`,
          `await expect(${variable}).toBeOnline()`,
        ]
  return [
    `import { scenario } from 'faultline'`,
    '',
    `export default scenario(${quoted(name)}, {`,
    '  seed: 1,',
    ...group,
    `}, async ({ ${script === undefined ? 'observer' : 'devices'}, step, expect }) => {`,
    ...indented(body),
    '})',
    '',
  ].join('\n')
}

/** What goes on acting until it is ended: how long it lasts matters. */
function lasts(deed: HandDeed): boolean {
  if (deed.do === 'device') return ['hang', 'clockSkew', 'wrongPassword', 'useCertificate'].includes(deed.action)
  return ['rule', 'hold', 'speed', 'refuse', 'ramp'].includes(deed.do)
}

function burstsOf(deeds: readonly HandDeed[], devices: DraftDevices, sightings: readonly Sighting[]): Burst[] {
  const groups: HandDeed[][] = []
  for (const deed of deeds) {
    const current = groups.at(-1) ?? []
    const last = current.at(-1)
    const goesOn =
      last !== undefined &&
      deed.at - last.at < oneStepMs &&
      // What is taken back by name later gets a name, which a step with others in it could not give.
      !isNamed(deed, deeds) &&
      !isNamed(last, deeds) &&
      // What came of one deed before the next was done is expected between them.
      expectationsOf({ deeds: current, begins: current[0]?.at ?? 0, until: deed.at }, devices, sightings).length === 0
    if (goesOn) current.push(deed)
    else groups.push([deed])
  }
  return groups.map((group, i) => ({
    deeds: group,
    begins: group[0]?.at ?? 0,
    until: groups[i + 1]?.[0]?.at ?? Number.POSITIVE_INFINITY,
  }))
}

/** Whether a later deed takes this one back. */
function isNamed(deed: HandDeed, deeds: readonly HandDeed[]): boolean {
  const end = deed.do === 'rule' ? 'remove rule' : deed.do === 'hold' ? 'end hold' : undefined
  return end !== undefined && 'id' in deed && deeds.some((other) => other.do === end && other.id === deed.id)
}

function optionsOf(devices: DraftDevices): string[] {
  if (devices.groups.length === 0) return []
  return [
    '  devices: {',
    ...devices.groups.map(
      ({ count, name, script }) =>
        `    ${key(name)}: ${object([
          ['script', quoted(script)],
          ['count', count === 1 ? undefined : String(count)],
        ])},`,
    ),
    '  },',
  ]
}

function indented(lines: readonly string[]): string[] {
  const trimmed = lines[0] === '' ? lines.slice(1) : lines
  return trimmed.map((line) => (line === '' ? '' : `  ${line}`))
}

/** Reason Codes by which CONNECT is refused, and what a scenario calls them. */
const refusals: ReadonlyMap<number, string> = new Map([
  [0x80, 'unspecified error'],
  [0x84, 'unsupported protocol version'],
  [0x85, 'client identifier not valid'],
  [0x86, 'bad user name or password'],
  [0x87, 'not authorized'],
  [0x88, 'server unavailable'],
  [0x89, 'server busy'],
  [0x8a, 'banned'],
  [0x97, 'quota exceeded'],
  [0x9c, 'use another server'],
  [0x9d, 'server moved'],
  [0x9f, 'connection rate exceeded'],
])

/** What a deed is in a scenario: a title for its step, and a call; without a call it has no words there. */
interface Said {
  readonly title: string
  readonly call?: string
}

/** Writes the body, and remembers what of the context it needed. */
class Writer {
  readonly #devices: DraftDevices
  readonly #all: readonly HandDeed[]
  readonly #names = new Names()
  readonly #used = new Set<string>()
  readonly #handles = new Map<string, string>()
  /** Of rules and holds that are taken back later: the names of what they gave. */
  readonly #given = new Map<string, string>()

  constructor(devices: DraftDevices, all: readonly HandDeed[]) {
    this.#devices = devices
    this.#all = all
  }

  use(name: string): void {
    this.#used.add(name)
  }

  /** In the order of the context's own words. */
  used(): string[] {
    return ['devices', 'fleets', 'link', 'broker', 'wire', 'step', 'expect', 'wait'].filter((name) =>
      this.#used.has(name),
    )
  }

  handle(id: string): string {
    this.use('devices')
    const known = this.#handles.get(id) ?? this.#names.give(id)
    this.#handles.set(id, known)
    return known
  }

  declarations(): string[] {
    return [...this.#handles].map(([id, name]) => {
      const { group, index } = this.#devices.placeOf(id) ?? { group: { name: id }, index: 0 }
      const list = member('devices', group.name)
      if (index === 0) return `const [${name}] = ${list}`
      // Of many, types know the first ten.
      return `const ${name} = ${list}[${index}]${index >= 10 ? '!' : ''}`
    })
  }

  /** A device that was not online when the first deed was done. */
  asBefore(id: string, state: 'off' | 'disconnected'): string[] {
    this.use('step')
    const handle = this.handle(id)
    const call = state === 'off' ? `${handle}.powerLoss()` : `${handle}.disconnect()`
    return [`await step(${quoted(`${id} is ${state} to begin with`)}, () => ${call})`]
  }

  step(deeds: readonly HandDeed[]): string[] {
    const said = deeds.map((deed) => this.#say(deed))
    const unsaid = said.filter(({ call }) => call === undefined).map(({ title }) => comment(`by hand: ${title}`))
    const calls = said.flatMap(({ call }) => call ?? [])
    if (calls.length === 0) return unsaid
    this.use('step')
    const titles = said.filter(({ call }) => call !== undefined).map(({ title }) => title)
    const title = quoted(
      titles.length > 3 ? `${titles.slice(0, 2).join(', ')} and ${titles.length - 2} more` : titles.join(', '),
    )
    const [first] = deeds
    const name =
      deeds.length === 1 && first !== undefined && isNamed(first, this.#all) ? this.#nameOf(first) : undefined
    const result = name === undefined ? '' : `const ${name} = `
    if (calls.length === 1) return [...unsaid, `${result}await step(${title}, () => ${calls[0]})`]
    return [...unsaid, `await step(${title}, async () => {`, ...calls.map((call) => `  await ${call}`), '})']
  }

  #nameOf(deed: HandDeed): string | undefined {
    if (!('id' in deed)) return undefined
    const name = this.#names.give(deed.do === 'hold' ? 'held' : deed.do === 'rule' ? deed.rule.fault : 'fault')
    this.#given.set(`${deed.do} ${deed.id}`, name)
    return name
  }

  #say(deed: HandDeed): Said {
    switch (deed.do) {
      case 'device':
        return this.#ofDevice(deed)
      case 'rule': {
        const call = linkCall(deed.rule)
        const title = describeRule(deed.rule)
        return call === undefined ? { title } : { title, call: `${this.#link(deed.rule.clients)}.${call}` }
      }
      case 'remove rule':
      case 'end hold': {
        const name = this.#given.get(`${deed.do === 'end hold' ? 'hold' : 'rule'} ${deed.id}`)
        if (name === undefined) return { title: 'a rule from before is removed' }
        return { title: `${name} ends`, call: `${name}.${deed.do === 'end hold' ? 'release' : 'remove'}()` }
      }
      case 'cut':
        return {
          title: `the link of ${everyone(deed.clients)} is cut`,
          call: `${this.#link(deed.clients)}.cut(${deed.how === 'fin' ? "{ by: 'FIN' }" : ''})`,
        }
      case 'heal':
        return {
          title: `the links of ${everyone(deed.clients)} are healed`,
          call: `${this.#link(deed.clients)}.heal()`,
        }
      case 'ramp':
        return this.#ramp(deed)
      case 'other':
        return { title: deed.what }
      case 'refuse':
      case 'accept':
      case 'expire':
        return this.#ofBroker(deed)
      default:
        return this.#ofWire(deed)
    }
  }

  #ofDevice({ action, id, settings }: Extract<HandDeed, { do: 'device' }>): Said {
    if (this.#devices.placeOf(id) === undefined) return { title: `${action} of ${id}, which is no longer there` }
    const handle = this.handle(id)
    const { certificate = '', offMs, skewMs = 0 } = settings
    const skew = skewMs < 0 ? String(skewMs) : duration(skewMs)
    const said: Readonly<Record<typeof action, readonly [string, string]>> = {
      powerLoss: [`the power of ${id} is cut`, ''],
      powerOn: [`${id} is powered on`, ''],
      reboot: [`${id} reboots`, offMs === undefined ? '' : object([['off', duration(offMs)]])],
      crash: [`the script of ${id} crashes`, ''],
      hang: [`${id} hangs`, ''],
      disconnect: [`${id} disconnects`, ''],
      connect: [`${id} connects again`, ''],
      takeOver: [`a second client takes over ${id}`, ''],
      wrongPassword: [`${id} uses a wrong password`, ''],
      clockSkew: [`the clock of ${id} is ${inTime(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead'}`, skew],
      useCertificate: [`${id} uses the certificate ${certificate}`, quoted(certificate)],
      heal: [`${id} is healed`, ''],
    }
    const [title, settled] = said[action]
    return { title, call: `${handle}.${action}(${settled})` }
  }

  #ramp({ count, fleet, overMs }: Extract<HandDeed, { do: 'ramp' }>): Said {
    const title = `${fleet} goes to ${count}`
    if (!this.#devices.groups.some(({ name }) => name === fleet)) return { title }
    this.use('fleets')
    const over = overMs === 0 ? '' : `, ${object([['over', duration(overMs)]])}`
    return { title, call: `${member('fleets', fleet)}.rampTo(${count}${over})` }
  }

  #ofBroker(deed: Extract<HandDeed, { do: 'refuse' | 'accept' | 'expire' }>): Said {
    if (deed.do === 'accept') return this.#broker('the broker accepts clients again', 'accept()')
    if (deed.do === 'expire') {
      return this.#broker(`the Session of ${deed.clientId} ends`, `expireSession(${this.#client(deed.clientId)})`)
    }
    const reason = refusals.get(deed.code)
    if (reason === undefined) return { title: `CONNECT is refused with code ${deed.code}` }
    const more = object([
      ['clients', deed.clients === undefined ? undefined : quoted(deed.clients)],
      ['times', deed.times === undefined ? undefined : String(deed.times)],
    ])
    return this.#broker(`the broker refuses: ${reason}`, `refuse(${quoted(reason)}${more === '' ? '' : `, ${more}`})`)
  }

  #broker(title: string, call: string): Said {
    this.use('broker')
    return { title, call: `broker.${call}` }
  }

  #ofWire(deed: Extract<HandDeed, { do: 'hold' | 'let go' | 'decide' | 'speed' }>): Said {
    this.use('wire')
    switch (deed.do) {
      case 'hold': {
        const what = deed.filter === '' ? 'every packet' : deed.filter
        return { title: `${what} is held`, call: `wire.hold(${deed.filter === '' ? '' : quoted(deed.filter)})` }
      }
      case 'let go':
        return { title: 'what is held is let go', call: 'wire.release()' }
      case 'speed':
        return { title: `the wire goes at ${deed.factor}×`, call: `wire.speed(${deed.factor})` }
      case 'decide': {
        if (deed.action === 'deliver') return { title: 'the next held packet is delivered', call: 'wire.next()' }
        const verb = deed.action === 'drop' ? 'drop' : 'double'
        const title = `a held packet is ${deed.action === 'drop' ? 'dropped' : 'sent twice'}`
        return { title, call: `wire.held().then((packet) => wire.${verb}(packet))` }
      }
    }
  }

  #link(clients: string): string {
    this.use('link')
    return `link(${this.#client(clients)})`
  }

  /** Its device, where it is one of the scenario's; else the identifier, or the pattern. */
  #client(clientId: string): string {
    const id = this.#devices.idOf(clientId)
    return id === undefined ? quoted(clientId) : this.handle(id)
  }
}

function everyone(clients: string): string {
  return clients === '*' ? 'every client' : clients
}
