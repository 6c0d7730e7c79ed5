import { type editor, KeyCode, KeyMod } from 'monaco-editor/editor'
import { isMac } from '../tab-switch-key.ts'

/** What Tab does in an editor: `leaves` once, or always. Undefined while nobody writes in it. */
export type TabKey = 'indents' | 'leaves' | 'always leaves' | undefined

export interface TabKeyWatch {
  /** Calls back with what Tab does, at once and whenever that changes. */
  listen(listener: (does: TabKey) => void): void
  dispose(): void
}

/** These do not take the way out back: Tab itself, and what is held with it. */
const keepsTheWayOut = new Set(['Tab', 'Shift', 'Escape'])

/**
 * Tab indents, as whoever writes scripts expects; Escape, where there is nothing that it closes, lets the next Tab leave
 * the editor. A key lets every Tab do so, that of Monaco's own command: which cannot be asked how it stands, so this is
 * ours.
 *
 * @param container in which the editor was made: Monaco takes the keys that it knows at this element, before us
 */
export function watchTabKey(view: editor.IStandaloneCodeEditor, container: HTMLElement): TabKeyWatch {
  let listener: (does: TabKey) => void = () => {}
  let escaped = false
  let always = false
  const tell = () => {
    view.updateOptions({ tabFocusMode: escaped || always })
    const does = always ? 'always leaves' : escaped ? 'leaves' : 'indents'
    listener(view.hasTextFocus() ? does : undefined)
  }
  const setEscaped = (to: boolean) => {
    if (escaped === to) return
    escaped = to
    tell()
  }
  const onAnyKey = ({ key }: KeyboardEvent) => {
    if (!keepsTheWayOut.has(key)) setEscaped(false)
  }
  const onKeyLeftOver = (event: KeyboardEvent) => {
    // One that closed suggestions, or a selection, was meant for them.
    if (event.key === 'Escape' && !event.defaultPrevented && view.hasTextFocus()) setEscaped(true)
  }
  container.addEventListener('keydown', onAnyKey, { capture: true })
  container.addEventListener('keydown', onKeyLeftOver)
  const watched = [
    view.onDidFocusEditorText(tell),
    view.onDidBlurEditorText(() => {
      escaped = false
      tell()
    }),
    view.onMouseDown(() => setEscaped(false)),
    view.addAction({
      id: 'faultline.tabLeaves',
      label: 'Tab Leaves the Editor: On or Off',
      keybindings: [
        isMac(navigator.userAgent) ? KeyMod.WinCtrl | KeyMod.Shift | KeyCode.KeyM : KeyMod.CtrlCmd | KeyCode.KeyM,
      ],
      run: () => {
        always = !always
        tell()
      },
    }),
  ]
  return {
    listen(next) {
      listener = next
      tell()
    },
    dispose() {
      for (const each of watched) each.dispose()
      container.removeEventListener('keydown', onAnyKey, { capture: true })
      container.removeEventListener('keydown', onKeyLeftOver)
    },
  }
}
