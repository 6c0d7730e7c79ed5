import type { ScriptDocument, ScriptDocuments } from '../../state/script-documents.ts'
import { Button } from '../../ui/button.tsx'
import { fileName } from './client-words.ts'
import '../../ui/notice.css'
import './script-pane.css'

export interface ScriptNoticesProps {
  readonly document: ScriptDocument
  readonly documents: ScriptDocuments
}

/** What stands between a script and its file on disk. */
export function ScriptNotices({ document, documents }: ScriptNoticesProps) {
  const { path, conflict, error } = document
  return (
    <>
      {conflict && (
        <div className="notice script-notice" role="alert">
          <span>
            <b>{fileName(path)}</b> was changed on disk by somebody else. Your changes are not saved.
          </span>
          <Button size="small" onClick={() => void documents.reload(path)}>
            Reload from disk
          </Button>
          <Button size="small" kind="danger" onClick={() => void documents.overwrite(path)}>
            Overwrite
          </Button>
        </div>
      )}
      {error !== undefined && (
        <div className="notice notice-bad script-notice" role="alert">
          <span>
            {error.message}
            {error.hint !== undefined && ` (${error.hint})`}
          </span>
        </div>
      )}
    </>
  )
}
