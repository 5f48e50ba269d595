// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "../../src/cosem/codec/writer.js";
import type { ReadoutSupplier } from "../../src/iec62056-21/data-readout.js";
import { type ProgrammingHost, programmingOutcome } from "../../src/iec62056-21/programming-session.js";

/** Programming mode of a meter whose supply can be taken away: the session is over then, and nothing more is done. */
class SwitchedProgramming implements ProgrammingHost {
	readonly #host: ProgrammingHost;
	readonly #isRunning: () => boolean;
	readonly #onServed: () => void;

	constructor(host: ProgrammingHost, isRunning: () => boolean, onServed: () => void) {
		this.#host = host;
		this.#isRunning = isRunning;
		this.#onServed = onServed;
	}

	get isRefused(): boolean {
		return !this.#isRunning() || this.#host.isRefused;
	}

	authorise(password: Uint8Array): number {
		return this.#isRunning() ? this.#host.authorise(password) : programmingOutcome.over;
	}

	read(address: string): string | undefined {
		return this.#isRunning() ? this.#host.read(address) : undefined;
	}

	write(address: string, value: string): number {
		if (!this.#isRunning()) return programmingOutcome.over;
		const outcome = this.#host.write(address, value);
		this.#onServed();
		return outcome;
	}

	close(): void {
		if (this.#isRunning()) this.#host.close();
	}
}

/** What an optical port says of one meter, as long as that has its supply. */
export class SwitchedReadout implements ReadoutSupplier {
	readonly #readout: ReadoutSupplier;
	readonly #isRunning: () => boolean;
	readonly #onServed: () => void;

	/** @param onServed told when the meter may have something to do earlier than it has said */
	constructor(readout: ReadoutSupplier, isRunning: () => boolean, onServed: () => void) {
		this.#readout = readout;
		this.#isRunning = isRunning;
		this.#onServed = onServed;
	}

	begin(): number {
		return this.#isRunning() ? this.#readout.begin() : 0;
	}

	writeLine(w: Writer, index: number): void {
		this.#readout.writeLine(w, index);
	}

	openProgramming(): ProgrammingHost | undefined {
		const host = this.#isRunning() ? this.#readout.openProgramming?.() : undefined;
		return host === undefined ? undefined : new SwitchedProgramming(host, this.#isRunning, this.#onServed);
	}
}
