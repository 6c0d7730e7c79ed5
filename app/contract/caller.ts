import type * as v from 'valibot'
import { type Disposable, DisposableStore } from '../base/disposable.ts'
import { Emitter } from '../base/emitter.ts'
import { FaultlineError, messageOf } from '../base/errors.ts'
import {
  type EventName,
  type EventValue,
  events,
  type MethodName,
  methods,
  type Params,
  type Result,
  toScreen,
} from './contract.ts'
import type { Transport } from './transport.ts'
import { validate } from './validate.ts'

interface Waiting {
  readonly method: MethodName
  resolve(value: unknown): void
  reject(error: FaultlineError): void
}

type Answer = Exclude<v.InferOutput<typeof toScreen>, { type: 'event' }>

/** The screen's end of the contract. */
export class Caller implements Disposable {
  readonly #transport: Transport
  readonly #waiting = new Map<number, Waiting>()
  readonly #emitters = new Map<EventName, Emitter<unknown>>()
  readonly #problem = new Emitter<FaultlineError>()
  readonly #disposables = new DisposableStore()
  #lastId = 0
  #closed = false

  /** Messages of the workbench that are not of the contract: a fault of ours, and never silent. */
  readonly onProblem = this.#problem.event

  constructor(transport: Transport) {
    this.#transport = transport
    this.#disposables.add(transport.onMessage((message) => this.#receive(message)))
    this.#disposables.add(transport.onClose(() => this.#close()))
  }

  /** @throws FaultlineError as the workbench raised it, or `connection-closed`. */
  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#closed) return Promise.reject(closedError())
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve: resolve as (value: unknown) => void, reject })
      try {
        this.#transport.send({ type: 'request', id, method, params })
      } catch (error) {
        this.#waiting.delete(id)
        reject(unsendable(method, error))
      }
    })
  }

  on<E extends EventName>(event: E, listener: (value: EventValue<E>) => void): Disposable {
    let emitter = this.#emitters.get(event)
    if (emitter === undefined) {
      emitter = new Emitter()
      this.#emitters.set(event, emitter)
    }
    // Only values that were validated for this very event are fired.
    return emitter.event((value) => listener(value as EventValue<E>))
  }

  dispose(): void {
    this.#disposables.dispose()
    this.#transport.close()
    this.#close()
  }

  #receive(raw: unknown): void {
    try {
      const message = validate(toScreen, raw, 'message from the workbench')
      if (message.type === 'event') this.#receiveEvent(message.event, message.value)
      else this.#receiveAnswer(message)
    } catch (error) {
      if (!(error instanceof FaultlineError)) throw error
      this.#problem.fire(error)
      // An answer that cannot be read is still the answer: nobody shall wait for it for ever.
      this.#take(idOf(raw))?.reject(error)
    }
  }

  #receiveEvent(name: string, value: unknown): void {
    if (!Object.hasOwn(events, name)) throw unknownEvent(name)
    const event = name as EventName
    const checked = validate(events[event], value, `event ${name}`)
    this.#emitters.get(event)?.fire(checked)
  }

  #receiveAnswer(message: Answer): void {
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) throw unexpectedAnswer(message.id)
    if (message.type === 'error') {
      this.#take(message.id)?.reject(new FaultlineError(message.error))
    } else {
      const result = validate(methods[waiting.method].result, message.result, `result of ${waiting.method}`)
      this.#take(message.id)?.resolve(result)
    }
  }

  #take(id: unknown): Waiting | undefined {
    if (typeof id !== 'number') return undefined
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #close(): void {
    this.#closed = true
    for (const waiting of this.#waiting.values()) waiting.reject(closedError())
    this.#waiting.clear()
  }
}

function closedError(): FaultlineError {
  return new FaultlineError({
    code: 'connection-closed',
    message: 'the workbench is gone',
    hint: 'start it again, then reload the page',
  })
}

function unsendable(method: string, error: unknown): FaultlineError {
  return new FaultlineError({
    code: 'invalid-message',
    message: `parameters of ${method} cannot be sent: ${messageOf(error)}`,
  })
}

function unexpectedAnswer(id: number): FaultlineError {
  return new FaultlineError({
    code: 'invalid-message',
    message: `the workbench answered call ${id}, which nobody made`,
  })
}

function idOf(raw: unknown): unknown {
  return typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined
}

function unknownEvent(name: string): FaultlineError {
  return new FaultlineError({ code: 'invalid-message', message: `the workbench sent an unknown event '${name}'` })
}
