// SPDX-License-Identifier: Apache-2.0
import type { LinkSession, LinkSink } from "../../../src/ports/link.js";

/** Start bit, eight data bits, stop bit. */
const bitsPerCharacter = 10;

export interface Rs485LoopOptions {
	readonly baud: number;
	/** Least silence that a meter keeps between what it heard and what it says. */
	readonly turnaround_ms: number;
}

/** One burst on the pair. */
interface Transmission {
	readonly from: Station;
	readonly octets: Uint8Array;
	readonly begin_ms: number;
	readonly end_ms: number;
	/** Somebody else talked at the same time. */
	isGarbled: boolean;
}

interface Station {
	readonly name: string;
	/** Hears everything but itself: its receiver is off while it sends. */
	hear(octets: Uint8Array, now_ms: number): void;
}

/** Two talked at once. */
export interface Collision {
	readonly at_ms: number;
	readonly stations: readonly [string, string];
}

/**
 * A pair of RS485 with a master and up to 31 meters (EIA-485), in the time of its caller. Octets take their time; a station
 * does not hear while it talks; where two talk at once each spoils the other, as drivers that pull against each other do,
 * and the loop says who it was.
 */
export class Rs485Loop {
	/** All that happened, in order. */
	readonly collisions: Collision[] = [];
	/** What the master hears. */
	onMasterData: (octets: Uint8Array) => void = () => undefined;
	readonly #options: Rs485LoopOptions;
	readonly #sessions: LinkSession[] = [];
	readonly #stations: Station[] = [];
	readonly #master: Station;
	#pending: Transmission[] = [];
	#now_ms = 0;
	/** End of the last burst on the pair. */
	#lastEnd_ms = 0;

	constructor(options: Rs485LoopOptions) {
		this.#options = options;
		this.#master = { name: "master", hear: (octets) => this.onMasterData(octets) };
		this.#stations.push(this.#master);
	}

	/** @param create makes the session of the meter; what it sends goes on the pair */
	attach(name: string, create: (sink: LinkSink) => LinkSession): void {
		const station: Station = { name, hear: (octets, now_ms) => session.receive(octets, now_ms) };
		const session = create({
			send: (octets) => {
				const quiet_ms = this.#lastEnd_ms + this.#options.turnaround_ms;
				this.#transmit(station, octets, Math.max(this.#now_ms, quiet_ms));
			},
			disconnect: () => undefined,
		});
		this.#sessions.push(session);
		this.#stations.push(station);
	}

	/** The master talks, now, whoever else does. */
	send(octets: Uint8Array): void {
		this.#transmit(this.#master, octets, this.#now_ms);
	}

	get nextDeadline_ms(): number {
		let next = Infinity;
		for (const { end_ms } of this.#pending) next = Math.min(next, end_ms);
		for (const session of this.#sessions) next = Math.min(next, session.nextDeadline_ms);
		return next;
	}

	/** Lets time pass: everything that ends up to `now_ms` is heard, in order. */
	advance(now_ms: number): void {
		for (;;) {
			const next_ms = this.nextDeadline_ms;
			if (next_ms > now_ms) break;
			this.#now_ms = Math.max(this.#now_ms, next_ms);
			for (const session of this.#sessions) if (session.nextDeadline_ms <= next_ms) session.advance(next_ms);
			const ended = this.#pending.filter(({ end_ms }) => end_ms <= next_ms);
			this.#pending = this.#pending.filter(({ end_ms }) => end_ms > next_ms);
			for (const transmission of ended.sort((a, b) => a.end_ms - b.end_ms)) this.#deliver(transmission);
		}
		this.#now_ms = Math.max(this.#now_ms, now_ms);
	}

	#transmit(from: Station, octets: Uint8Array, earliest_ms: number): void {
		// what one station says goes out in one piece after the other
		let begin_ms = earliest_ms;
		for (const other of this.#pending) if (other.from === from) begin_ms = Math.max(begin_ms, other.end_ms);
		const end_ms = begin_ms + (octets.length * bitsPerCharacter * 1000) / this.#options.baud;
		const transmission: Transmission = { from, octets: octets.slice(), begin_ms, end_ms, isGarbled: false };
		for (const other of this.#pending) {
			if (other.from === from || other.begin_ms >= end_ms || begin_ms >= other.end_ms) continue;
			transmission.isGarbled = true;
			other.isGarbled = true;
			this.collisions.push({ at_ms: Math.max(begin_ms, other.begin_ms), stations: [other.from.name, from.name] });
		}
		this.#pending.push(transmission);
	}

	#deliver(transmission: Transmission): void {
		const { from, octets, end_ms, isGarbled } = transmission;
		this.#lastEnd_ms = Math.max(this.#lastEnd_ms, end_ms);
		if (isGarbled) for (let n = 0; n < octets.length; n++) octets[n]! &= 0xaa >> (n % 2);
		for (const station of this.#stations) if (station !== from) station.hear(octets.slice(), end_ms);
	}
}
