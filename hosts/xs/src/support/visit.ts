// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler } from "../../../../src/cosem/apdu-handler.js";
import type { FactorySecurity } from "../../../../src/cosem/security/security-state.js";
import { WrapperSession } from "../../../../src/cosem/wrapper/wrapper-session.js";
import { OpticalPort } from "../../../../src/iec62056-21/optical-port.js";
import type { Meter } from "../../../../src/main.js";
import type { LinkSession, LinkSink } from "../../../../src/ports/link.js";
import { engineMeter, RunnerBus, SteppedClock } from "./engine-meter.js";
import { runnerOperation } from "./runner-operation.js";

const largestUnit = 2048;
/** As `turnLimit_computrons` of gates.ts. */
export const turn_computrons = 40_000;

class CollectingSink implements LinkSink {
	readonly bytes = new Uint8Array(largestUnit);
	length = 0;
	send(bytes: Uint8Array): void {
		this.bytes.set(bytes, this.length);
		this.length += bytes.length;
	}
	disconnect(): void {}
}

/** Opens a link to the meter at a time. */
export type OpenLink = (sink: LinkSink, meter: Meter, now_ms: number) => LinkSession;

export const openWrapper: OpenLink = (sink, { server }, now_ms) => {
	const setup = { simultaneousConnections: 8, inactivityTimeout_s: 120 };
	return new WrapperSession(sink, server, { port: "tcp", name: "engine" }, setup, { maximumApdu: 1024 }, now_ms);
};

/** Of the board. */
export const frames = Object.freeze({ maximumApdu: 1024, maximumInformation: 128, connections: 1 });

export const openOptical: OpenLink = (sink, meter) => openOpticalTo(meter.server, sink, meter);

/** An optical port whose requests go to `handler`. */
export function openOpticalTo(handler: ApduHandler, sink: LinkSink, meter: Meter): LinkSession {
	return new OpticalPort(
		sink,
		handler,
		{ port: "optical", name: "optical" },
		{
			setup: meter.application.opticalPort,
			hdlcSetup: meter.application.opticalHdlc,
			hdlc: frames,
			manufacturer: "SXF",
			identification: "ST402D",
			serialNumber: meter.application.identity.serialNumber,
			readout: meter.createReadout(),
		},
	);
}

/** A meter that has measured for some seconds, with links that clients of other authorship use. */
export class VisitedMeter {
	readonly clock = new SteppedClock();
	readonly meter: Meter;
	/** Of the last request: whether it made the meter write, and what its longest turn took. */
	isWriting = false;
	spent_computrons = 0;
	/** Turns that requests have taken beyond their first. */
	furtherTurns = 0;
	readonly #sink = new CollectingSink();
	readonly #request = new Uint8Array(largestUnit);
	/** Number of the visit at first; then link and length of the request (2 octets, high first). */
	readonly #place = new Uint8Array(3);
	readonly #sessions: LinkSession[] = [];
	readonly #open: readonly OpenLink[];
	#next_ms: number;

	/**
	 * @param visit number in `visits` of client-session.ts @param open what opens each of the links
	 * @param ordered what is other than usual in the meter's security
	 */
	constructor(visit: number, open: readonly OpenLink[], metered_s: number, ordered?: Partial<FactorySecurity>) {
		this.#place[0] = visit;
		this.meter = engineMeter(this.clock, new RunnerBus(this.clock), undefined, true, ordered);
		this.#next_ms = this.meter.advance(0);
		this.pass(metered_s * 1000);
		this.#open = open;
		for (let link = 0; link < open.length; link++) this.#sessions.push(this.openLink(link));
	}

	private openLink(link: number): LinkSession {
		return this.#open[link]!(this.#sink, this.meter, this.clock.now_ms);
	}

	/** Lets time pass for the meter and its links; a link that is over is opened again. */
	pass(time_ms: number): void {
		const end_ms = this.clock.now_ms + time_ms;
		while (this.#next_ms < end_ms) {
			this.clock.now_ms = this.#next_ms;
			this.#next_ms = this.meter.advance(this.#next_ms);
		}
		this.clock.now_ms = end_ms;
		for (let link = 0; link < this.#sessions.length; link++) this.#sessions[link]!.advance(end_ms);
	}

	/** A link ends and begins again. */
	reopen(link: number): void {
		this.#sessions[link]!.close();
		this.#sessions[link] = this.openLink(link);
	}

	/** The link of the last request has nothing to wait for any more. */
	get isOver(): boolean {
		return this.#sessions[this.link]!.nextDeadline_ms === Number.POSITIVE_INFINITY;
	}

	/** The link that the last request came on. */
	get link(): number {
		return this.#place[0]!;
	}

	/**
	 * Serves the next request of the clients, each turn of it in a span "reading request" or "writing request".
	 * @param measure called where a client wants the heap to be read
	 * @returns false when there is none
	 */
	serve(measure?: () => void): boolean {
		const sink = this.#sink;
		const request = this.#request;
		const answer = sink.bytes.subarray(0, sink.length);
		const place = this.#place;
		const kind = callRunner(runnerOperation.exchange, answer, request, place);
		if (kind === 0) return false;
		if ((kind & 4) !== 0) measure?.();
		if ((kind & 8) !== 0) this.reopen(this.link);
		sink.length = 0;
		const length = (place[1]! << 8) | place[2]!;
		this.isWriting = (kind & 2) !== 0;
		const now_ms = this.clock.now_ms;
		this.spent_computrons = 0;
		this.turn(() => this.#sessions[this.link]!.receive(request.subarray(0, length), now_ms));
		const { server } = this.meter;
		while (server.nextDeadline_ms <= now_ms) {
			this.furtherTurns++;
			this.turn(() => server.advance(now_ms));
		}
		return true;
	}

	private turn(take: () => void): void {
		const span = this.isWriting ? "writing request" : "reading request";
		const before = computrons();
		beginSpan(span);
		take();
		endSpan(span);
		this.spent_computrons = Math.max(this.spent_computrons, computrons() - before);
	}
}
