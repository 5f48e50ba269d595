// SPDX-License-Identifier: Apache-2.0
import { NodeCipher } from "../../hosts/simulator/cipher/node-cipher.js";

/** Octets that passed the cipher port as a secret: the very buffer of the meter, what it was, and where it came by. */
interface Secret {
	readonly buffer: Uint8Array;
	readonly was: string;
	readonly what: string;
}

type Method = (...given: Uint8Array[]) => unknown;

/** Which arguments of the port are secrets that somebody made or copied for this one use. */
const secretArguments: Readonly<Record<string, number>> = Object.freeze({
	unwrapKey: 2, // into
	sign: 0, // private key
	agree: 0,
	publicKeyOf: 0,
});

/**
 * Watches every secret that a meter of this process hands to its ciphers, until `stop`.
 * The buffers themselves are kept, so that it shows whether the meter overwrote them.
 */
export class WatchedSecrets {
	readonly #seen: Secret[] = [];
	readonly #originals = new Map<string, Method>();

	constructor() {
		const prototype = NodeCipher.prototype as unknown as Record<string, Method>;
		for (const name of [...Object.keys(secretArguments), "agree"]) {
			if (this.#originals.has(name)) continue;
			const original = prototype[name]!;
			this.#originals.set(name, original);
			const note = (buffer: Uint8Array, what: string): void => {
				this.#seen.push({ buffer, was: Buffer.from(buffer).toString("hex"), what });
			};
			prototype[name] = function (this: unknown, ...given: Uint8Array[]): unknown {
				const result = original.apply(this, given);
				note(given[secretArguments[name]!]!, name);
				if (name === "agree") note(given[2]!, "shared secret");
				return result;
			};
		}
	}

	get count(): number {
		return this.#seen.length;
	}

	/** What is still as it was; a secret that is nothing but zeros never was one. */
	get left(): Secret[] {
		return this.#seen.filter(({ buffer, was }) => /[1-9a-f]/.test(was) && Buffer.from(buffer).toString("hex") === was);
	}

	stop(): void {
		const prototype = NodeCipher.prototype as unknown as Record<string, Method>;
		for (const [name, original] of this.#originals) prototype[name] = original;
	}
}
