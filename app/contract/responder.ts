import type * as v from 'valibot'
import { type Disposable, DisposableStore } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { FaultlineError, type FaultlineErrorData, toErrorData } from '../base/errors.ts'
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

type Request = v.InferOutput<typeof toWorkbench>

/** The workbench's end of the contract: one for each screen. */
export class Responder implements Disposable {
  readonly #transport: Transport
  readonly #handlers: Handlers
  readonly #problem = new Emitter<unknown>()
  readonly #disposables = new DisposableStore()

  /**
   * What the screen cannot mend: a message that is not of the contract, and errors of a handler that are no
   * FaultlineError, with their stacks. For the log.
   */
  readonly onProblem = this.#problem.event

  constructor(transport: Transport, handlers: Handlers) {
    this.#transport = transport
    this.#handlers = handlers
    this.#disposables.add(transport.onMessage((message) => void this.#receive(message)))
  }

  /** Sends an event. Its type is checked here by the compiler, its value by the screen when it arrives. */
  emit<E extends EventName>(event: E, value: EventValue<E>): void {
    this.#transport.send({ type: 'event', event, value })
  }

  dispose(): void {
    this.#disposables.dispose()
    this.#transport.close()
  }

  async #receive(raw: unknown): Promise<void> {
    let request: Request
    try {
      request = validate(toWorkbench, raw, 'message from the screen')
    } catch (error) {
      // Without a request there is no id to answer to. Whoever sends this is not a screen of ours.
      this.#problem.fire(error)
      this.#transport.close()
      return
    }
    const { id, method, params } = request
    try {
      this.#transport.send({ type: 'result', id, result: await this.#answer(method, params) })
    } catch (error) {
      if (!(error instanceof FaultlineError)) this.#problem.fire(error)
      this.#refuse(id, toErrorData(error))
    }
  }

  #refuse(id: number, error: FaultlineErrorData): void {
    try {
      this.#transport.send({ type: 'error', id, error })
    } catch (unsendable) {
      this.#problem.fire(unsendable)
      this.#transport.send({ type: 'error', id, error: { code: error.code, message: error.message } })
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
