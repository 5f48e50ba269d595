// SPDX-License-Identifier: Apache-2.0

/** Meter time that is run without a look at the sockets. */
const piece_ms = 60_000;

/** Runs steps of meter time one after the other, in pieces, so that other requests are served in between. */
export class StepQueue {
	readonly #step: (duration_ms: number) => void;
	#last: Promise<void> = Promise.resolve();
	#isClosed = false;

	constructor(step: (duration_ms: number) => void) {
		this.#step = step;
	}

	/** Resolves when the step has been run. Rejects with what the instrument threw. */
	run(duration_ms: number): Promise<void> {
		const step = this.#last.then(() => this.#run(duration_ms));
		this.#last = step.catch(() => undefined);
		return step;
	}

	/** Ends a step in progress after its present piece. */
	close(): Promise<void> {
		this.#isClosed = true;
		return this.#last;
	}

	async #run(duration_ms: number): Promise<void> {
		for (let rest_ms = duration_ms; rest_ms > 0 && !this.#isClosed; rest_ms -= piece_ms) {
			this.#step(Math.min(rest_ms, piece_ms));
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
}
