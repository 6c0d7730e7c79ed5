import type { Clock } from '../../app/base/clock.ts'
import { ensureCertificates, type WorkspaceCertificate } from '../broker/certificates/workspace-certificates.ts'
import { Workspace } from '../workspace/workspace.ts'

export type { WorkspaceCertificate } from '../broker/certificates/workspace-certificates.ts'

/**
 * Makes the certificates of a workspace that are missing, and lists all.
 *
 * @throws FaultlineError as `Workspace.open` and `ensureCertificates`
 */
export async function makeCertificates(workspace: string, clock: Clock): Promise<WorkspaceCertificate[]> {
  return ensureCertificates((await Workspace.open(workspace)).path, clock.now())
}
