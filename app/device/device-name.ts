const longest = 64
/** Names that Windows keeps for devices of its own, whatever follows them after a dot. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** What a device, and its script, can be called. */
export const deviceNameRule = `letters, digits, "_", "-" and "." will do, at most ${longest}, without the ending .device.ts`

/** Why a device cannot be called so; undefined where it can. */
export function deviceNameMistake(name: string): string | undefined {
  if (name === '') return 'a device needs a name'
  const plain = /^[A-Za-z0-9][\w.-]*$/.test(name) && !name.endsWith('.') && name.length <= longest
  if (plain && !reserved.test(name) && !/\.device(?:\.ts)?$|\.ts$/i.test(name)) return undefined
  return `'${name}' is no name for a device`
}
