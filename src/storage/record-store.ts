// SPDX-License-Identifier: Apache-2.0

/**
 * Named records of which the newest value counts. `write` is atomic over power loss: afterwards the old or the new value
 * is found, never a mixture, and it is on the medium when `write` returns.
 */
export interface RecordStore {
	/**
	 * Copies the newest value of `key` into `into`.
	 * @returns its length, or -1 when there is none. Throws RangeError when `into` is too small.
	 */
	read(key: number, into: Uint8Array): number;
	/** There was a value once, and no copy of it can be read any more: `read` finds none. Told from the start of the meter on. */
	isLost?(key: number): boolean;
	/** @throws DeviceError("flash", …) when the medium refuses; the old value then stays. */
	write(key: number, bytes: Uint8Array, length?: number): void;
	/**
	 * Makes sure that a record of `length` octets can be written without erasing, which takes up to 400 ms and must not
	 * happen while the supply is failing. For idle moments; only where memory is erased.
	 * @throws DeviceError("flash", "full") when the newest records leave no room
	 */
	makeRoom?(length: number): void;
	/**
	 * Keeps a value as `write` does, but in memory without wear, so that it may be done each second; `write` is still to be
	 * called in its own time, for the day when that memory is gone. Only where there is such memory. Never throws.
	 */
	note?(key: number, bytes: Uint8Array, length?: number): void;
}
