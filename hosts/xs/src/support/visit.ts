// SPDX-License-Identifier: Apache-2.0
import { WrapperSession } from "../../../../src/cosem/wrapper/wrapper-session.js";
import type { Meter } from "../../../../src/main.js";
import type { LinkSink } from "../../../../src/ports/link.js";
import { engineMeter, RunnerBus, SteppedClock } from "./engine-meter.js";
import { runnerOperation } from "./runner-operation.js";

const largestUnit = 2048;

class CollectingSink implements LinkSink {
	readonly bytes = new Uint8Array(largestUnit);
	length = 0;
	send(bytes: Uint8Array): void {
		this.bytes.set(bytes, this.length);
		this.length += bytes.length;
	}
	disconnect(): void {}
}

/** A meter that has measured for some seconds, with links that clients of other authorship use. */
export class VisitedMeter {
	readonly clock = new SteppedClock();
	readonly meter: Meter = engineMeter(this.clock, new RunnerBus(this.clock));
	readonly #sink = new CollectingSink();
	readonly #request = new Uint8Array(largestUnit);
	readonly #visit = new Uint8Array(1);
	readonly #sessions: WrapperSession[] = [];

	/** @param visit number in `visits` of client-session.ts */
	constructor(visit: number, links: number, metered_s: number) {
		this.#visit[0] = visit;
		let next_ms = this.meter.advance(0);
		while (next_ms < metered_s * 1000) {
			this.clock.now_ms = next_ms;
			next_ms = this.meter.advance(next_ms);
		}
		const setup = { simultaneousConnections: links, inactivityTimeout_s: 120 };
		for (let link = 0; link < links; link++) {
			const info = { port: "tcp", name: "engine" } as const;
			const options = { maximumApdu: 1024 };
			const { server } = this.meter;
			this.#sessions.push(new WrapperSession(this.#sink, server, info, setup, options, this.clock.now_ms));
		}
	}

	/**
	 * Serves the next request of the clients, in a span "reading request" or "writing request".
	 * @param measure called where a client wants the heap to be read
	 * @returns false when there is none
	 */
	serve(measure?: () => void): boolean {
		const sink = this.#sink;
		const request = this.#request;
		const answer = sink.bytes.subarray(0, sink.length);
		request.fill(0);
		const kind = callRunner(runnerOperation.exchange, answer, request, this.#visit);
		if (kind === 0) return false;
		if ((kind & 4) !== 0) measure?.();
		sink.length = 0;
		const length = 8 + ((request[6]! << 8) | request[7]!);
		const span = (kind & 2) !== 0 ? "writing request" : "reading request";
		beginSpan(span);
		this.#sessions[this.#visit[0]!]!.receive(request.subarray(0, length), this.clock.now_ms);
		endSpan(span);
		return true;
	}
}
