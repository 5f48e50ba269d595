// SPDX-License-Identifier: Apache-2.0

/** Hardware did not answer, answered nonsense, or refused. `code` is what tests and logs match on. */
export class DeviceError extends Error {
	override readonly name = "DeviceError";
	readonly part: string;
	readonly code: string;

	constructor(part: string, code: string, message?: string) {
		super(message ?? `${part}: ${code}`);
		this.part = part;
		this.code = code;
	}
}
