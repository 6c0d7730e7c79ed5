import type { Clock } from '../../../app/base/clock.ts'
import { FaultlineError, messageOf } from '../../../app/base/errors.ts'
import { createRandom } from '../../../app/base/random.ts'
import { fromGuest, type LoadPlan } from '../../../app/script-api/crossing.ts'
import { checkPlan } from '../load/check-plan.ts'
import type { Inspection } from '../messages.ts'
import { nodeClock } from '../node-clock.ts'
import { Flash } from './flash.ts'
import { defaultLimits } from './limits.ts'
import { Sandbox } from './sandbox.ts'
import { fault, findOption, ScriptFault, stripTypes } from './script-source.ts'
import type { Services } from './services.ts'

type Needs = Pick<Services, 'engine' | 'fabricator' | 'files' | 'guest' | 'libraries' | 'mark' | 'seed'>

/**
 * Evaluates a script without making a device of it, to learn whether it describes devices or a load fleet; with `tryAs`,
 * its factory is run as well, to learn whether a device of it would start.
 *
 * @throws SandboxBroken
 */
export function inspect(
  services: Needs,
  order: {
    readonly number: number
    readonly script: string
    readonly source: string
    /** By how many milliseconds the workbench's clock is ahead of the machine's. */
    readonly clockAhead: number
    readonly tryAs?: string | undefined
  },
): Inspection {
  const source = { file: order.script, text: order.source }
  const given = { ...services, clock: nodeClock(order.clockAhead) }
  let isFleet = false
  try {
    const code = stripTypes(source)
    const plan = inSandbox(given, order.number, source, source.file, (sandbox) =>
      sandbox.plan(code, () => {
        isFleet = true
      }),
    )
    if (plan !== undefined) {
      checkTemplates(plan, source)
      return { kind: 'load', plan }
    }
    const { number, tryAs } = order
    if (tryAs !== undefined) inSandbox(given, number, source, tryAs, (sandbox) => sandbox.start(code))
    return { kind: 'scripted' }
  } catch (error) {
    if (error instanceof ScriptFault) return { kind: 'failed', error: error.error, isFleet }
    throw error
  } finally {
    services.mark.leave()
  }
}

/** @param id whose randomness it has */
function inSandbox<T>(
  given: Needs & { readonly clock: Clock },
  number: number,
  source: { file: string; text: string },
  id: string,
  run: (sandbox: Sandbox) => T,
): T {
  const { clock, engine, fabricator, files, guest, libraries, mark, seed } = given
  mark.visitFor('start')
  mark.enter(number)
  const randomness = createRandom(seed, id, 'faker')
  const flash = new Flash({ revision: 0, values: new Map() }, () => {})
  const sandbox = new Sandbox({
    engine,
    guest,
    speech: fromGuest,
    source,
    limits: defaultLimits,
    enter: () => mark.enter(number),
    leave: () => mark.leave(),
    host: {
      id,
      seed,
      now: () => clock.now(),
      // Nothing is connected to anything: a script that logs or starts timers at its top does so when a device runs it.
      send: () => false,
      fabricate: (name, args) => fabricator.make(name, args, randomness, clock.now()),
      read: (path, from) => files.read(path, from),
      // Empty, as that of a new device.
      flash: (request) => flash.answer(request),
      library: (name) => libraries.text(name),
    },
  })
  let whole = true
  try {
    return run(sandbox)
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
