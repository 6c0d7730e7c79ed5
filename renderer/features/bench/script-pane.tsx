import { useEffect, useMemo, useRef, useState } from 'react'
import type { ScriptSnapshot } from '../../../app/contract/contract.ts'
import type { Population } from '../../state/fleets.ts'
import { isDirty, type ScriptDocument, type ScriptDocuments } from '../../state/script-documents.ts'
import { type Store, useStore } from '../../state/store.ts'
import type { Theme } from '../../state/theme-choice.ts'
import { Button } from '../../ui/button.tsx'
import { Dot } from '../../ui/dot.tsx'
import { formatPlural } from '../../ui/format.ts'
import { EditorHost, type Place, type ShownProblems } from './editor-host.tsx'
import { ScriptNotices } from './script-notices.tsx'
import { failuresOf, runnersOf } from './script-runners.ts'
import { describeScript, type ScriptRunners } from './script-status.ts'
import { ScriptTabs } from './script-tabs.tsx'
import { useSaveKey } from './use-save-key.ts'
import './script-pane.css'

export interface ScriptPaneProps {
  readonly documents: ScriptDocuments
  readonly scripts: readonly ScriptSnapshot[] | undefined
  /** What scripts can import of the workspace: path to text. */
  readonly modules: Store<ReadonlyMap<string, string>>
  readonly population: Population
  /** The script that is shown. */
  readonly path: string | undefined
  readonly onOpen: (path: string) => void
  readonly place: Place | undefined
  readonly theme: Theme
}

export function ScriptPane(props: ScriptPaneProps) {
  const { documents, scripts, modules, population, path, onOpen, place, theme } = props
  const [problems, setProblems] = useState<ShownProblems | undefined>(undefined)
  const all = useStore(documents.all)
  const document = path === undefined ? undefined : all.get(path)
  const found = useMemo(() => failuresOf(population, path), [population, path])
  const failures = useSame(found)
  useEffect(() => {
    if (path !== undefined) void documents.open(path)
  }, [documents, path])
  useSaveKey(documents, path)
  return (
    <section className="script-pane" aria-label="Script">
      <header className="pane-head script-head">
        <ScriptTabs paths={tabsOf(scripts, all)} documents={all} current={path} onOpen={onOpen} />
        {document !== undefined && problems !== undefined && <TypeErrors problems={problems} />}
        {document !== undefined && (
          <ScriptStatus
            document={document}
            runners={{
              ...runnersOf(population, document.path),
              failures: failures.length,
              typeErrors: problems?.count ?? 0,
            }}
            onSave={() => void documents.save(document.path)}
          />
        )}
      </header>
      {document !== undefined && <ScriptNotices document={document} documents={documents} />}
      {document !== undefined && document.state !== 'unreadable' ? (
        <EditorHost
          documents={documents}
          document={document}
          failures={failures}
          theme={theme}
          place={place}
          modules={modules}
          onProblems={setProblems}
        />
      ) : (
        <p className="script-none">
          {scripts !== undefined &&
            scripts.length === 0 &&
            'There is no script in this workspace yet. “+ New device”, at the top left, makes the first one from a template.'}
        </p>
      )}
    </section>
  )
}

/** All scripts of the workspace, and those that are gone from it while somebody still has changes of them. */
function tabsOf(scripts: readonly ScriptSnapshot[] | undefined, all: ReadonlyMap<string, ScriptDocument>): string[] {
  const paths = new Set(scripts?.map((script) => script.path))
  for (const document of all.values()) if (isDirty(document)) paths.add(document.path)
  return [...paths]
}

/** The same list as before where it says the same: else the editor's marks would be set anew four times a second. */
function useSame<T>(value: T): T {
  const kept = useRef(value)
  if (kept.current !== value && JSON.stringify(kept.current) !== JSON.stringify(value)) kept.current = value
  return kept.current
}

/** How many type errors the script has, and a way from one to the next. A script with type errors runs all the same. */
function TypeErrors({ problems: { count, goTo } }: { readonly problems: ShownProblems }) {
  if (count === 0) return null
  return (
    <span className="script-problems">
      <button type="button" className="script-problem-count" title="Go to the next type error" onClick={() => goTo(1)}>
        {formatPlural(count, 'type error')}
      </button>
      <button type="button" aria-label="Previous type error" title="Previous type error" onClick={() => goTo(-1)}>
        ↑
      </button>
      <button type="button" aria-label="Next type error" title="Next type error" onClick={() => goTo(1)}>
        ↓
      </button>
    </span>
  )
}

interface ScriptStatusProps {
  readonly document: ScriptDocument
  readonly runners: ScriptRunners
  readonly onSave: () => void
}

function ScriptStatus({ document, runners, onSave }: ScriptStatusProps) {
  const dirty = isDirty(document)
  const { tone, text } = describeScript(document, runners)
  return (
    <>
      <span className={`script-status script-status-${tone}`} role="status" aria-label="Script state" title={text}>
        <Dot tone={tone} />
        <span>{text}</span>
      </span>
      <Button
        size="small"
        kind={dirty ? 'primary' : 'plain'}
        disabled={!dirty || document.saving}
        title="Save and restart the script's devices (Ctrl+S)"
        onClick={onSave}
      >
        Save
      </Button>
    </>
  )
}
