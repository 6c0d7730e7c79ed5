/** What a device keeps without power. */
declare module 'faultline' {
  /**
   * The device's persistent memory, of 64 KiB. It survives power loss, crash, reboot and a changed script, and is empty
   * when the workbench starts, so that every run begins alike. Everything else a device knows is RAM.
   *
   * ```ts
   * export default device(({ id }) => {
   *   const boots = flash.get('boots', 0) + 1
   *   flash.set('boots', boots)
   *   return { connected: ({ client }) => client.publish(`pump/${id}/boots`, boots) }
   * })
   * ```
   */
  export const flash: Flash

  export interface Flash {
    /** What was kept under this key; undefined if nothing was. What it is, is not checked: `flash.get<number>('boots')`. */
    get<T = unknown>(key: string): T | undefined
    /** What was kept under this key, or `otherwise` if nothing was: `flash.get('boots', 0)`. */
    get<T>(key: string, otherwise: T): T
    /**
     * Keeps a copy of anything that JSON can hold, at once: `flash.set('calibration', { offset: 0.4 })`. It throws when
     * the flash is full: all keys and values, as JSON, have 64 KiB; and where a value is nested more than 100 levels deep.
     */
    set(key: string, value: unknown): void
    /** True when there was something under this key. */
    delete(key: string): boolean
    /** All keys, in the order in which they were first set. */
    keys(): string[]
  }
}
