export type Shortcut = 'let go' | 'deliver one' | 'hold everything'

export interface KeyPress {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
}

/**
 * F8 and F10 are what debuggers go on and step with. They work everywhere on the page, but are left to others, such as
 * the editor, while there is nothing that they could do.
 */
export function shortcutOf(
  press: KeyPress,
  can: { readonly letGo: boolean; readonly deliver: boolean },
): Shortcut | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined
  if (press.key === 'F8' && press.shiftKey) return 'hold everything'
  if (press.shiftKey) return undefined
  if (press.key === 'F8' && can.letGo) return 'let go'
  return press.key === 'F10' && can.deliver ? 'deliver one' : undefined
}
