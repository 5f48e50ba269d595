// SPDX-License-Identifier: Apache-2.0

/**
 * - `locked`: another process uses the data folder
 * - `foreign`: the file is not a flash image of this simulator
 * - `geometry`: it is one, of another size
 * - `unreadable`: the system does not let us read or write it
 */
export type StorageErrorCode = "locked" | "foreign" | "geometry" | "unreadable";

/** The data folder cannot be used; `message` says which file and why, for the user. */
export class StorageError extends Error {
	override readonly name = "StorageError";
	readonly code: StorageErrorCode;

	constructor(code: StorageErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
