// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "../../src/cosem/codec/writer.js";
import type { ReadoutSupplier } from "../../src/iec62056-21/data-readout.js";
import { type ProgrammingHost, programmingOutcome } from "../../src/iec62056-21/programming-session.js";

/** Programming mode of a meter whose supply can be taken away: the session is over then, and nothing more is done. */
class SwitchedProgramming implements ProgrammingHost {
	readonly #host: ProgrammingHost;
	readonly #isRunning: () => boolean;

	constructor(host: ProgrammingHost, isRunning: () => boolean) {
		this.#host = host;
		this.#isRunning = isRunning;
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
		return this.#isRunning() ? this.#host.write(address, value) : programmingOutcome.over;
	}

	close(): void {
		if (this.#isRunning()) this.#host.close();
	}
}

/** What an optical port says of one meter, as long as that has its supply. */
export class SwitchedReadout implements ReadoutSupplier {
	readonly #readout: ReadoutSupplier;
	readonly #isRunning: () => boolean;

	constructor(readout: ReadoutSupplier, isRunning: () => boolean) {
		this.#readout = readout;
		this.#isRunning = isRunning;
	}

	begin(): number {
		return this.#isRunning() ? this.#readout.begin() : 0;
	}

	writeLine(w: Writer, index: number): void {
		this.#readout.writeLine(w, index);
	}

	openProgramming(): ProgrammingHost | undefined {
		const host = this.#isRunning() ? this.#readout.openProgramming?.() : undefined;
		return host === undefined ? undefined : new SwitchedProgramming(host, this.#isRunning);
	}
}
