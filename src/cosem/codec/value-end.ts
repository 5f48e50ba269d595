// SPDX-License-Identifier: Apache-2.0

/**
 * Where the value ends that begins at `from`, as far as that is known without looking at each of its tags here: -1 where it is
 * not, or where the value is not well formed. Here it never is; on the board native code looks, as long lists in requests take
 * longer to pass than to store.
 */
export function valueEnd(_bytes: Uint8Array, _from: number, _to: number): number {
	return -1;
}
