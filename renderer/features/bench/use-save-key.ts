import { useEffect } from 'react'
import type { ScriptDocuments } from '../../state/script-documents.ts'

/** Saves wherever the focus is, also where the editor does not see the key. */
export function useSaveKey(documents: ScriptDocuments, path: string | undefined): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== 's') return
      event.preventDefault()
      if (path !== undefined) void documents.save(path)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [documents, path])
}
