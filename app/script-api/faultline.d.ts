/// <reference path="./client.d.ts" />
/// <reference path="./sensors.d.ts" />
/// <reference path="./faker.d.ts" />
/// <reference path="./faker-things.d.ts" />
/// <reference path="./encodings.d.ts" />
/// <reference path="./flash.d.ts" />
/// <reference path="./fleet.d.ts" />
/// <reference path="./scenario.d.ts" />
/// <reference path="./expect.d.ts" />

/**
 * All that a device's script can import: this file, and what it refers to. The editor, `tsc` and the sandbox's library
 * take their types from here.
 *
 * A device in ten lines:
 *
 * ```ts
 * import { device, every, sensor } from 'faultline'
 *
 * export default device(({ id }) => {
 *   const temperature = sensor.randomWalk({ start: 20, step: 0.2, min: 0, max: 40 })
 *   return {
 *     connected({ client }) {
 *       every('1s', () => client.publish(`room/${id}/temperature`, temperature.next()))
 *     },
 *   }
 * })
 * ```
 */
declare module 'faultline' {
  /** A length of time: a number of milliseconds, or text such as `'250ms'`, `'1.5s'`, `'2m'`, `'1h'`, `'1d'`. */
  export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

  /** Quality of Service: 0 at most once, 1 at least once, 2 exactly once. */
  export type QoS = 0 | 1 | 2

  /**
   * What can be published: text, octets, or any value that JSON can hold, a list or an object of any type (sent as JSON).
   * JSON has no form for functions, promises, `Map` and `Set`.
   */
  export type Payload =
    | string
    | Uint8Array
    | number
    | boolean
    | null
    | readonly unknown[]
    | { readonly [key: string]: unknown }
    | JsonObject

  /** An object whose type is an `interface`, too; neither a function nor one of the language's own kinds of object, which JSON would empty. */
  export type JsonObject = object & { readonly [Symbol.hasInstance]?: never; readonly [Symbol.toStringTag]?: never }

  /**
   * Describes a device. The factory runs once for each device and again whenever it is powered on, so what it declares
   * is that device's own RAM.
   */
  export function device<Given>(
    factory: (context: DeviceContext) => (Given extends DeviceBehaviour ? Given : DeviceBehaviour) & Exactly<Given>,
  ): DeviceScript

  /** Refuses what no device has, such as a handler whose name is misspelt: nobody would ever call it. */
  export type Exactly<Given> = Given extends unknown
    ? NoOther<Given, DeviceBehaviour, 'a device', 'client, connected, message, disconnected, powerOn'> &
        ExactlyInside<Given, 'client', ExactlyClient<Property<Given, 'client'>>>
    : never

  /** As `Exactly`, for the options of a client. */
  export type ExactlyClient<Given> = NoOther<Given, ClientOptions, 'client', 'the options of ClientOptions'> &
    ExactlyInside<Given, 'will', NoOther<Property<Given, 'will'>, Will, 'client.will', 'the options of Will'>> &
    ExactlyInside<
      Given,
      'reconnect',
      NoOther<Property<Given, 'reconnect'>, ReconnectPolicy, 'client.reconnect', 'after, factor, max, jitter, attempts'>
    >

  type NoOther<Given, Known, Of extends string, Has extends string> = {
    readonly [Name in Exclude<keyof Given, keyof Known> & string]: `${Of} has no '${Name}'; it has ${Has}`
  }
  type Property<Given, Name extends string> = Given extends { readonly [N in Name]: infer Value } ? Value : never
  type ExactlyInside<Given, Name extends string, Inside> = Given extends { readonly [N in Name]: object }
    ? { readonly [N in Name]: Inside }
    : unknown

  /** What `device` gives; a script's default export. */
  export interface DeviceScript {
    readonly kind: 'device'
  }

  export interface DeviceContext {
    /** The device's id, unique in its workspace, such as `pump-01`. */
    readonly id: string
    /** Seeded by the workspace's seed and the device's id: the same device draws the same numbers in every run. */
    readonly random: Random
  }

  /** How a device behaves. Everything is optional. */
  export interface DeviceBehaviour {
    /** How its MQTT client connects. */
    readonly client?: ClientOptions
    /** The broker has accepted the connection; called after every connect and reconnect. */
    connected?(event: ConnectedEvent): void | Promise<void>
    /** A message arrived for one of the device's subscriptions. */
    message?(event: MessageEvent): void | Promise<void>
    /** The connection is gone, and with it the timers that `connected` started. */
    disconnected?(event: DisconnectedEvent): void | Promise<void>
    /** The device was switched on: called before it connects. RAM is fresh. */
    powerOn?(): void | Promise<void>
  }

  /** A running `every` or `after`. */
  export interface Timer {
    stop(): void
  }

  /**
   * Runs something again and again, first after one interval. A timer that was started in `connected` (also after an
   * `await` of the client in it) belongs to that connection and stops when it ends, so timers never pile up over
   * reconnects. Every other timer runs until the device loses its power.
   */
  export function every(interval: Duration, run: () => unknown): Timer

  /** Runs something once, later. It stops as `every` does. */
  export function after(delay: Duration, run: () => unknown): Timer

  /** The workbench's clock. `Date` shows the same time. */
  export const clock: {
    /** Milliseconds since 1970-01-01T00:00Z. */
    now(): number
  }

  /** Writes a line to the device's console. Values that are not text are shown as JSON. */
  export function log(...values: unknown[]): void

  export interface Random {
    /** Uniform in [0, 1). */
    next(): number
    /** Uniform integer in [min, max]. */
    integer(min: number, max: number): number
    /** Normally distributed with mean 0 and standard deviation 1. */
    normal(): number
  }
}
