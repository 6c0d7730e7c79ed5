import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { createRandom } from '../../../app/base/random.ts'
import type { LoadPlan } from '../../../app/script-api/crossing.ts'
import { checkPlan } from '../load/check-plan.ts'
import type { Inspection } from '../messages.ts'
import { nodeClock } from '../node-clock.ts'
import type { Services } from './device.ts'
import { defaultLimits } from './limits.ts'
import { Sandbox } from './sandbox.ts'
import { fault, findOption, ScriptFault, stripTypes } from './script-source.ts'

type Needs = Pick<Services, 'engine' | 'fabricator' | 'files' | 'guest' | 'libraries' | 'mark' | 'seed'>

/**
 * Evaluates a script without making a device of it, to learn whether it describes devices or a load fleet.
 *
 * @throws SandboxBroken
 */
export function inspect(
  services: Needs,
  order: { readonly number: number; readonly script: string; readonly source: string },
): Inspection {
  const source = { file: order.script, text: order.source }
  let isFleet = false
  try {
    const plan = readPlan(services, order.number, source, () => {
      isFleet = true
    })
    if (plan === undefined) return { kind: 'scripted' }
    checkTemplates(plan, source)
    return { kind: 'load', plan }
  } catch (error) {
    if (error instanceof ScriptFault) return { kind: 'failed', error: error.error, isFleet }
    throw error
  } finally {
    services.mark.leave()
  }
}

function readPlan(
  services: Needs,
  number: number,
  source: { file: string; text: string },
  evaluated: () => void,
): LoadPlan | undefined {
  const { engine, fabricator, files, guest, libraries, mark, seed } = services
  const clock = nodeClock(0)
  mark.enter(number)
  const code = stripTypes(source)
  const randomness = createRandom(seed, source.file, 'faker')
  const sandbox = new Sandbox({
    engine,
    guest,
    source,
    limits: defaultLimits,
    enter: () => mark.enter(number),
    leave: () => mark.leave(),
    host: {
      id: source.file,
      seed,
      now: () => clock.now(),
      // Nothing is connected to anything: a script that logs or starts timers at its top does so when a device runs it.
      send: () => false,
      fabricate: (name, args) => fabricator.make(name, args, randomness, clock.now()),
      read: (path, from) => files.read(path, from),
      flash: () => ({ refused: 'is not there outside of a device' }),
      library: (name) => libraries.text(name),
    },
  })
  let whole = true
  try {
    return sandbox.plan(code, evaluated)
  } catch (error) {
    // Nothing of a broken one may be touched again.
    whole = error instanceof ScriptFault
    throw error
  } finally {
    if (whole) sandbox.dispose()
  }
}

function checkTemplates(plan: LoadPlan, source: { file: string; text: string }): void {
  try {
    checkPlan(plan)
  } catch (error) {
    const option = error instanceof FaultlineError ? error.details?.['option'] : undefined
    if (typeof option !== 'string') throw error
    throw fault(source, messageOf(error), findOption(source, option))
  }
}
