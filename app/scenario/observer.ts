/** The Client Identifier of who watches: it is there in every scenario. */
export const observerId = 'observer'
