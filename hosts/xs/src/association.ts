// SPDX-License-Identifier: Apache-2.0
import { WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import type { LinkSink } from "../../../src/ports/link.js";
import { engineMeter, RunnerBus, SteppedClock } from "./support/engine-meter.js";
import { runnerOperation } from "./support/runner-operation.js";

const metered_s = 10;
/** Every so many requests the heap is read: some of them lie in the middle of a block transfer. */
const readingEvery = 8;
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

/** A client of other authorship visits the meter on the engine, ciphered, over the wrapper: identity, energy, profile. */
export default function run(): void {
	const clock = new SteppedClock();
	const meter = engineMeter(clock, new RunnerBus(clock));
	let next_ms = meter.advance(0);
	while (next_ms < metered_s * 1000) {
		clock.now_ms = next_ms;
		next_ms = meter.advance(next_ms);
	}
	const sink = new CollectingSink();
	const setup = { simultaneousConnections: 2, inactivityTimeout_s: 120 };
	const session = new WrapperSession(
		sink,
		meter.server,
		{ port: "tcp", name: "engine" },
		setup,
		{ maximumApdu: 1024 },
		clock.now_ms,
	);
	const request = new Uint8Array(largestUnit);
	let requests = 0;
	for (;;) {
		const answer = sink.bytes.subarray(0, sink.length);
		request.fill(0);
		const kind = callRunner(runnerOperation.exchange, answer, request);
		if (kind === 0) break;
		sink.length = 0;
		const length = 8 + ((request[6]! << 8) | request[7]!);
		const span = kind === 2 ? "writing request" : "reading request";
		beginSpan(span);
		session.receive(request.subarray(0, length), clock.now_ms);
		endSpan(span);
		requests++;
		if (requests % readingEvery === 0) reading("association");
	}
	reading("after");
	check("the client's visit went through to its end", requests > 40);
	check("the association is released", meter.server.nextDeadline_ms === Number.POSITIVE_INFINITY);
}
