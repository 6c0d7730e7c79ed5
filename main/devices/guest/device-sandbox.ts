import { createRandom } from '../../../app/base/random.ts'
import { type FromGuest, fromGuest } from '../../../app/script-api/crossing.ts'
import type { SandboxHost } from './host-functions.ts'
import { defaultLimits } from './limits.ts'
import { Sandbox } from './sandbox.ts'
import type { DeviceOrder, Services } from './services.ts'
import { UsedFiles } from './used-files.ts'

/** A sandbox for one life of a device. */
export function createDeviceSandbox(
  services: Services,
  order: DeviceOrder,
  life: Pick<SandboxHost<FromGuest>, 'now' | 'send'>,
): Sandbox {
  const { engine, fabricator, guest, libraries, mark, seed } = services
  const { id, number, script, source } = order
  const randomness = createRandom(seed, id, 'faker')
  const files = new UsedFiles(services.files, (...used) => services.used(order, ...used))
  const flash = services.flash.open(number, order.flash)
  return new Sandbox({
    engine,
    guest,
    speech: fromGuest,
    source: { file: script, text: source },
    limits: defaultLimits,
    enter: () => mark.enter(number),
    leave: () => mark.leave(),
    host: {
      id,
      seed,
      ...life,
      fabricate: (name, args) => fabricator.make(name, args, randomness, life.now()),
      read: (path, from) => files.read(path, from),
      flash: (request) => flash.answer(request),
      library: (name) => libraries.text(name),
    },
  })
}
