import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../../app/base/errors.ts'
import { createRandom } from '../../../app/base/random.ts'
import { mostAtOnce } from '../../../app/scenario/bounds.ts'
import {
  type Ask,
  type FromScenario,
  fromScenario,
  type ScenarioDraft,
  type ToScenario,
} from '../../../app/script-api/scenario-crossing.ts'
import { nodeClock } from '../node-clock.ts'
import type { ScenarioOrder, ScenarioSetup, ScenarioWord } from '../scenario-messages.ts'
import { thisThread } from '../thread-time.ts'
import { RunMark } from '../watchdog.ts'
import { loadEngine } from './engine.ts'
import type * as FabricatorModule from './fabricator.ts'
import { Libraries } from './libraries.ts'
import { megabytes, overtime, scenarioLimits } from './limits.ts'
import { Sandbox } from './sandbox.ts'
import { ScriptFault, stripTypes } from './script-source.ts'
import { WorkspaceFiles } from './workspace-files.ts'

/** The entry of a worker thread that runs the file of one scenario, as the main thread commands. */
if (parentPort === null) throw new Error('this program is a worker thread of the workbench and cannot be run by itself')
const port = parentPort
const {
  fabricator: fabricatorAt,
  file,
  guest: guestAt,
  marks,
  seed,
  source: text,
  workspace,
} = workerData as ScenarioSetup
const source = { file, text }
/** Whose streams of randomness it has: no device can be called so. */
const id = '/scenario'
/** The watchdog's number of what runs here. */
const number = 1

const mark = new RunMark(marks)
mark.identify(thisThread())
const clock = nodeClock(0)
const loading = loadEngine()
// One is compiled in the background while the other is here.
const code = strip()
const engine = await loading
const guest = readFileSync(new URL(guestAt), 'utf8')
const libraries = new Libraries(new URL(guestAt))
const files = new WorkspaceFiles(workspace)

/** A tenth of a second to load, and most scenarios do without it. */
let fabricator: FabricatorModule.Fabricator | undefined
let mentionsFaker = /\bfaker\b/.test(text)
let randomness = createRandom(seed, id, 'faker')

let sandbox: Sandbox<FromScenario> | undefined
let over = false
/** The guest's word that it has come to its end; what it asks for behind that takes it back. */
let ended: 'returned' | 'failed' | undefined

/** How much each call weighs that is not finished, and all of them together. */
const unfinished = new Map<number, number>()
let weight = 0

/** What it asks for while its file is evaluated: that may have to be done twice. */
const early: ScenarioWord[] = []
let isPlanned = false

const say = (word: ScenarioWord) => port.postMessage(word)

port.on('message', (order: ScenarioOrder) => void carryOut(order))

async function carryOut(order: ScenarioOrder): Promise<void> {
  if (order.type === 'plan') await plan()
  else if (order.type === 'run') visit('start', () => tell(order))
  else visit('settled', () => tell(order))
}

function tell(event: ToScenario): void {
  if (event.type === 'settled') {
    weight -= unfinished.get(event.call) ?? 0
    unfinished.delete(event.call)
  }
  sandbox?.enter(event)
  if (ended === undefined || over) return
  over = true
  say({ type: 'ended', how: ended })
}

async function plan(): Promise<void> {
  if (mentionsFaker) await loadFabricator()
  visit('start', () => {
    if (code instanceof ScriptFault) throw code
    mark.enter(number)
    sandbox = createSandbox()
    try {
      const draft = sandbox.draft(code)
      if (!lacksFaker()) planned(draft)
    } catch (error) {
      if (!(error instanceof ScriptFault && lacksFaker())) throw error
    }
  })
  if (over || !lacksFaker()) return
  // A module that it imports has faker, which nobody could know before: from the beginning, with it.
  sandbox?.dispose()
  early.length = 0
  await plan()
}

function lacksFaker(): boolean {
  return mentionsFaker && fabricator === undefined
}

function planned(draft: ScenarioDraft): void {
  isPlanned = true
  for (const word of early) say(word)
  say({ type: 'planned', draft })
}

function strip(): string | ScriptFault {
  try {
    return stripTypes(source)
  } catch (error) {
    if (error instanceof ScriptFault) return error
    throw error
  }
}

async function loadFabricator(): Promise<void> {
  const { Fabricator } = (await import(fabricatorAt)) as typeof FabricatorModule
  fabricator = new Fabricator()
  randomness = createRandom(seed, id, 'faker')
}

function createSandbox(): Sandbox<FromScenario> {
  return new Sandbox<FromScenario>({
    engine,
    guest,
    speech: fromScenario,
    source,
    limits: scenarioLimits,
    enter: () => mark.enter(number),
    leave: () => mark.leave(),
    host: {
      id,
      seed,
      now: () => clock.now(),
      send: (message, octets) => hear(message, octets),
      fabricate: (name, args) =>
        // Without it, the plan is made anew.
        fabricator?.make(name, args, randomness, clock.now()) ?? { refused: 'is not loaded' },
      read: (path, from) => {
        const read = files.read(path, from)
        if ('text' in read && /\bfaker\b/.test(read.text)) mentionsFaker = true
        return read
      },
      flash: () => undefined,
      library: (name) => libraries.text(name),
    },
  })
}

function hear(message: FromScenario, octets: Uint8Array | undefined): boolean {
  if (over) return false
  if ('type' in message) {
    ended = message.how
    return false
  }
  if (ended === 'failed') return false
  ended = undefined
  const { ask, call, place } = message
  const placed = place === undefined ? undefined : sandbox?.placeOf(place)
  if (isTooMuch(call, ask, octets)) {
    const message = `more than ${megabytes(mostAtOnce.octets)} are in calls that are not finished; await some of them`
    const where = placed ?? { file, line: undefined, column: undefined }
    fail('script-threw', new ScriptFault({ ...where, message, stack: undefined }))
    return false
  }
  const word: ScenarioWord = { type: 'asks', call, ask, place: placed, octets }
  if (isPlanned) say(word)
  else early.push(word)
  return false
}

/** Everything that it asks for lies in the main thread until its turn comes, and that has all other runs to carry. */
function isTooMuch(call: number, ask: Ask, octets: Uint8Array | undefined): boolean {
  const own = JSON.stringify(ask).length + (octets?.length ?? 0)
  unfinished.set(call, own)
  weight += own
  return weight > mostAtOnce.octets
}

/** What the script has done wrong ends its run; the sandbox is left as it is, for the thread ends with it. */
function visit(what: 'start' | 'settled', run: () => void): void {
  if (over) return
  try {
    mark.visitFor(what)
    run()
  } catch (error) {
    if (error instanceof ScriptFault) fail(codeOf(error), error)
    else if (!over) say({ type: 'broken', message: messageOf(error) })
    over = true
  } finally {
    mark.leave()
  }
}

function codeOf(failure: ScriptFault): Extract<ScenarioWord, { type: 'failed' }>['code'] {
  const { message } = failure.error
  if (failure === code) return 'script-syntax'
  if (message === overtime(scenarioLimits.run)) return 'script-timeout'
  return message.startsWith('SyntaxError: ') ? 'script-syntax' : 'script-threw'
}

function fail(code: Extract<ScenarioWord, { type: 'failed' }>['code'], { error }: ScriptFault): void {
  if (over) return
  over = true
  say({ type: 'failed', code, error })
}
