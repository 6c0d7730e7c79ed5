import { useEffect, useRef, useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import type { ScriptDocument, ScriptDocuments } from '../../state/script-documents.ts'
import { type Store, useStore } from '../../state/store.ts'
import type { Theme } from '../../state/theme-choice.ts'
import type { ScriptEditor } from './monaco/script-editor.ts'
import type { ScriptFailure } from './monaco/script-models.ts'
import type { TabKey } from './monaco/tab-key.ts'
import { tabSwitchKeyOf } from './tab-switch-key.ts'

const switchKey = tabSwitchKeyOf(navigator.userAgent)

/** A place in a script that the editor is asked to show; a new object for each wish. */
export interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
}

export interface EditorHostProps {
  readonly documents: ScriptDocuments
  readonly document: ScriptDocument
  readonly failures: readonly ScriptFailure[]
  readonly theme: Theme
  readonly place: Place | undefined
  /** What scripts can import of the workspace. */
  readonly modules: Store<ReadonlyMap<string, string>>
  /** Hears of the type errors in the shown script; undefined while there is no editor. */
  readonly onProblems: (problems: ShownProblems | undefined) => void
}

/** The type errors of the shown script. */
export interface ShownProblems {
  readonly count: number
  goTo(step: 1 | -1): void
}

/** The place of the editor, which is big and comes after the first painting. */
export function EditorHost({ documents, document, failures, theme, place, modules, onProblems }: EditorHostProps) {
  const container = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<ScriptEditor | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [tabKey, setTabKey] = useState<TabKey>(undefined)
  const texts = useStore(modules)
  const { path, state } = document

  useEffect(() => {
    let created: ScriptEditor | undefined
    let left = false
    import('./monaco/script-editor.ts').then(
      ({ createScriptEditor }) => {
        if (left || container.current === null) return
        created = createScriptEditor(container.current, documents)
        created.onTabKey(setTabKey)
        setEditor(created)
      },
      (error: unknown) => setProblem(messageOf(error)),
    )
    return () => {
      left = true
      created?.dispose()
    }
  }, [documents])

  useEffect(() => editor?.setTheme(theme), [editor, theme])
  useEffect(() => editor?.setModules(texts), [editor, texts])
  useEffect(() => {
    editor?.onProblems((count) => onProblems({ count, goTo: (step) => editor.goToProblem(step) }))
    return () => onProblems(undefined)
  }, [editor, onProblems])
  useEffect(() => {
    if (state !== 'ready') return
    editor?.show(path)
    editor?.mark(path, failures)
  }, [editor, path, state, failures])
  useEffect(() => {
    if (place !== undefined && place.path === path && state === 'ready') editor?.goTo(place.line, place.column)
  }, [editor, place, path, state])

  return (
    <div className="editor">
      <div className="editor-container" ref={container} data-testid="editor" />
      {editor === undefined && problem === undefined && <p className="editor-note">Loading the editor …</p>}
      {problem !== undefined && <p className="editor-note">The editor cannot be loaded: {problem}</p>}
      {/* There from the start: what is told to a reader of the screen is the change of it. */}
      <p className="script-foot" role="status" aria-label="Tab key">
        {tabKey === 'indents' && (
          <>
            <kbd>Tab</kbd> indents · <kbd>Esc</kbd>, then <kbd>Tab</kbd> leaves the editor · <kbd>{switchKey}</kbd>:
            always
          </>
        )}
        {tabKey === 'leaves' && (
          <>
            <kbd>Tab</kbd> leaves the editor
          </>
        )}
        {tabKey === 'always leaves' && (
          <>
            <kbd>Tab</kbd> leaves the editor · <kbd>{switchKey}</kbd>: it indents
          </>
        )}
      </p>
    </div>
  )
}
