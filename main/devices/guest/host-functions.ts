import type { Lifetime, QuickJSContext, QuickJSHandle } from 'quickjs-emscripten'
import * as v from 'valibot'
import type { Fabricated, FlashAnswer, FromGuest } from '../../../app/script-api/crossing.ts'
import type { ReadFile, RefusedFile } from './workspace-files.ts'

/** What the sandbox asks of the device around it. None of it may enter the sandbox again before it has returned. */
export interface SandboxHost<Message = FromGuest> {
  readonly id: string
  readonly seed: string | number
  now(): number
  /** True when the call in it is complete already. */
  send(message: Message, octets: Uint8Array | undefined): boolean
  fabricate(name: string, args: string): Fabricated
  /** Undefined for a request that our library would not send. */
  flash(request: unknown): FlashAnswer | undefined
  /** The bundle of a library: an expression that gives what the library exports. Undefined if there is none. */
  library(name: string): string | undefined
  /** A text file of the workspace; see `resolvePath`. */
  read(path: string, from: string): ReadFile | RefusedFile
}

/** The visit to the guest in which the host's functions are called. */
export interface Visit {
  /** False when the guest has used up its time. */
  begin(): boolean
  /** The host has done what the guest asked for. */
  end(): void
  /** As if it had just begun. */
  anew(): void
  /** An exception of the host. It cannot be thrown through QuickJS. */
  failed(error: unknown): void
  /** What came out of the guest is not what our library sends. */
  tampered(): void
  install(guest: QuickJSHandle): void
}

/** What a function gives to the guest that called it, or what it throws there. */
type GuestResult = QuickJSHandle | ReturnType<QuickJSContext['evalCode']> | undefined

const utf8 = new TextDecoder()

/** The functions of the host in one sandbox: what `app/script-api/crossing.ts` calls `Host`. */
export class HostFunctions<Message> {
  readonly #context: QuickJSContext
  readonly #host: SandboxHost<Message>
  readonly #speech: v.GenericSchema<unknown, Message>
  readonly #library: string
  readonly #visit: Visit
  readonly #opened = new Set<string>()

  /**
   * @param speech what the guest may send
   * @param library the name under which our own code is evaluated
   */
  constructor(
    context: QuickJSContext,
    host: SandboxHost<Message>,
    speech: v.GenericSchema<unknown, Message>,
    library: string,
    visit: Visit,
  ) {
    this.#context = context
    this.#host = host
    this.#speech = speech
    this.#library = library
    this.#visit = visit
  }

  /** All of them as one object of the guest. */
  object(): QuickJSHandle {
    const context = this.#context
    const host = this.#host
    const object = context.newObject()
    const set = (name: string, value: QuickJSHandle) => value.consume((handle) => context.setProp(object, name, handle))
    const add = (name: string, run: (...args: (QuickJSHandle | undefined)[]) => GuestResult) =>
      set(name, this.#function(name, run))
    const json = (value: unknown) => context.newString(JSON.stringify(value))
    set('id', context.newString(host.id))
    set('seed', typeof host.seed === 'number' ? context.newNumber(host.seed) : context.newString(host.seed))
    add('now', () => context.newNumber(host.now()))
    add('send', (message, octets) => this.#receive(message, octets))
    add('decode', (octets) => json(utf8.decode(this.#octets(octets))))
    add('fabricate', (name, args) => json(host.fabricate(this.#text(name), this.#text(args))))
    add('read', (path, from) => json(host.read(this.#text(path), this.#text(from))))
    add('flash', (request) => json(this.#answerFlash(request)))
    add('library', (name) => this.#openLibrary(name))
    add('install', (guest) => {
      if (guest !== undefined) this.#visit.install(guest)
      return undefined
    })
    return object
  }

  #answerFlash(request: QuickJSHandle | undefined): unknown {
    const answer = this.#host.flash(parseJson(this.#text(request)))
    if (answer === undefined) this.#visit.tampered()
    return answer ?? {}
  }

  /** Evaluated under the library's own name, so that its lines are left out of a script's stacks. */
  #openLibrary(name: QuickJSHandle | undefined): GuestResult {
    const key = this.#text(name)
    const text = this.#host.library(key)
    // Our library asks once: a script that makes it forget that would begin its time anew, again and again.
    if (text === undefined || this.#opened.has(key)) {
      this.#visit.tampered()
      return undefined
    }
    this.#opened.add(key)
    this.#visit.anew()
    // An error is thrown in the script: it has used up its memory, or has changed what the library needs.
    const result = this.#context.evalCode(text, this.#library)
    this.#visit.anew()
    return result
  }

  #receive(message: QuickJSHandle | undefined, octets: QuickJSHandle | undefined): QuickJSHandle {
    const read = v.safeParse(this.#speech, parseJson(this.#text(message)))
    const payload =
      octets === undefined || this.#context.typeof(octets) === 'undefined' ? undefined : this.#octets(octets)
    if (read.success) return this.#host.send(read.output, payload) ? this.#context.true : this.#context.false
    this.#visit.tampered()
    return this.#context.false
  }

  #text(handle: QuickJSHandle | undefined): string {
    return handle !== undefined && this.#context.typeof(handle) === 'string' ? this.#context.getString(handle) : ''
  }

  #octets(handle: QuickJSHandle | undefined): Uint8Array {
    if (handle === undefined) return new Uint8Array(0)
    let buffer: Lifetime<Uint8Array>
    try {
      buffer = this.#context.getArrayBuffer(handle)
    } catch {
      // The only way to learn that this is no ArrayBuffer: our library sends nothing else.
      this.#visit.tampered()
      return new Uint8Array(0)
    }
    return buffer.consume((lifetime) => lifetime.value.slice())
  }

  /** A function for the guest. What it throws must not pass through QuickJS: it is kept until the visit ends. */
  #function(name: string, run: (...args: (QuickJSHandle | undefined)[]) => GuestResult): QuickJSHandle {
    return this.#context.newFunction(name, (...args) => {
      if (!this.#visit.begin()) return this.#context.undefined
      try {
        return run(...args)
      } catch (error) {
        this.#visit.failed(error)
        return this.#context.undefined
      } finally {
        this.#visit.end()
      }
    })
  }
}

export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // No schema accepts undefined.
    return undefined
  }
}
