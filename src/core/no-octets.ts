// SPDX-License-Identifier: Apache-2.0

/** No octets at all; read-only in flash on the board, so that what is still empty takes no memory. */
export const noOctets: Uint8Array = new Uint8Array(0);
