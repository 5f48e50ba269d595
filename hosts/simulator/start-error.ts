// SPDX-License-Identifier: Apache-2.0

/** The start can not go on; the message is the one line that the user sees, and the exit code is 2. */
export class StartError extends Error {
	override readonly name = "StartError";
}
