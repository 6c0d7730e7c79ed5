import open from 'open'
import { messageOf } from '../../../app/base/errors.ts'
import { noDisplay } from './display.ts'

/** Opens a URL in the user's browser. Where that fails it says so in one line: the workbench runs all the same. */
export function openBrowser(url: string, say: (line: string) => void): void {
  const missing = noDisplay(process.platform, process.env)
  if (missing !== undefined) {
    say(`no browser was opened (${missing}); open the URL of the ready line in one`)
    return
  }
  const failed = (why: string) => say(`no browser could be opened (${why}); open the URL of the ready line in one`)
  open(url).then(
    (opener) => {
      opener.on('error', (error) => failed(error.message))
      opener.on('exit', (code) => {
        if (code !== null && code !== 0) failed(`the system's opener ended with ${code}`)
      })
    },
    (error: unknown) => failed(messageOf(error)),
  )
}
