import { type Disposable, DisposableStore } from '../base/disposable.ts'
import { FaultlineError, toErrorData } from '../base/errors.ts'
import {
  type EventName,
  type EventValue,
  type MethodName,
  methods,
  type Params,
  type Result,
  toWorkbench,
} from './contract.ts'
import type { Transport } from './transport.ts'
import { validate } from './validate.ts'

export type Handlers = {
  readonly [M in MethodName]: (params: Params<M>) => Result<M> | Promise<Result<M>>
}

/** The workbench's end of the contract: one for each screen. */
export class Responder implements Disposable {
  readonly #transport: Transport
  readonly #handlers: Handlers
  readonly #disposables = new DisposableStore()

  constructor(transport: Transport, handlers: Handlers) {
    this.#transport = transport
    this.#handlers = handlers
    this.#disposables.add(transport.onMessage((message) => void this.#receive(message)))
  }

  /** Sends an event. @throws FaultlineError `invalid-message` when the value is not of the contract: a fault of ours. */
  emit<E extends EventName>(event: E, value: EventValue<E>): void {
    this.#transport.send({ type: 'event', event, value })
  }

  dispose(): void {
    this.#disposables.dispose()
    this.#transport.close()
  }

  async #receive(raw: unknown): Promise<void> {
    let id: number
    let method: string
    let params: unknown
    try {
      ;({ id, method, params } = validate(toWorkbench, raw, 'message from the screen'))
    } catch {
      // Without a request there is no id to answer to. Whoever sends this is not a screen of ours.
      this.#transport.close()
      return
    }
    try {
      this.#transport.send({ type: 'result', id, result: await this.#answer(method, params) })
    } catch (error) {
      this.#transport.send({ type: 'error', id, error: toErrorData(error) })
    }
  }

  async #answer(name: string, raw: unknown): Promise<unknown> {
    if (!Object.hasOwn(methods, name)) {
      throw new FaultlineError({
        code: 'unknown-method',
        message: `the workbench has no method '${name}'`,
        hint: 'the page may be of another version than the workbench: reload it',
      })
    }
    const method = name as MethodName
    const params = validate(methods[method].params, raw, `parameters of ${name}`)
    return await this.#handlers[method](params as never)
  }
}
