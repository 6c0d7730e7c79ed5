const timers = "`every('1s', () => ...)` repeats, `after('1s', () => ...)` waits"
const stopping = 'what `every` and `after` give has `stop()`'
const network = 'a device speaks MQTT alone: `client.publish`, `client.subscribe`, `client.request`'
const modules = "`import` takes 'faultline' and modules of the workspace, such as './lib/curves'"
const octets = '`bytes` turns text, hex and Base64 into octets, and back'

/** What platforms have and a script has not, and what it has instead. */
const instead: Readonly<Record<string, string>> = {
  setTimeout: timers,
  setInterval: timers,
  setImmediate: timers,
  requestAnimationFrame: timers,
  clearTimeout: stopping,
  clearInterval: stopping,
  fetch: network,
  XMLHttpRequest: network,
  WebSocket: network,
  require: modules,
  module: modules,
  exports: modules,
  process: 'a script has no process and no environment; its id comes with `device(({ id }) => ...)`',
  console: '`log(...)` writes to the console of the device',
  Buffer: octets,
  TextEncoder: octets,
  TextDecoder: octets,
  atob: octets,
  btoa: octets,
  crypto: '`random` of `device(({ random }) => ...)` and `faker.string.uuid()` draw the same in every run',
  performance: '`clock.now()` tells the time in milliseconds',
  localStorage: '`flash` keeps values over a loss of power',
}

const waiting = "`wait('2s')` lets time pass, and an expectation waits by itself"
const clients = 'a scenario speaks MQTT alone: `observer`, and `client(...)` for more'

/** Where it is something else in a scenario, whose names come with its context. */
const insteadInScenario: Readonly<Record<string, string>> = {
  setTimeout: waiting,
  setInterval: waiting,
  setImmediate: waiting,
  requestAnimationFrame: waiting,
  clearTimeout: waiting,
  clearInterval: waiting,
  fetch: clients,
  XMLHttpRequest: clients,
  WebSocket: clients,
  process: 'a script has no process and no environment',
  console: '`log(...)` writes to the report of the run',
  crypto: '`random` of the scenario and `faker.string.uuid()` draw the same in every run',
  localStorage: 'a scenario keeps nothing from one run to the next',
}

/**
 * What a script has in place of a name that it does not know; undefined where there is nothing to say.
 *
 * @param of whose script it is
 */
export function insteadOf(name: string, of: 'a device' | 'a scenario' = 'a device'): string | undefined {
  if (of === 'a scenario' && Object.hasOwn(insteadInScenario, name)) return insteadInScenario[name]
  return Object.hasOwn(instead, name) ? instead[name] : undefined
}
