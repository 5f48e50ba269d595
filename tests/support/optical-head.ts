// SPDX-License-Identifier: Apache-2.0
import type { OpticalPort } from "../../src/iec62056-21/optical-port.js";
import type { MeterBench } from "../events/meter-bench.js";
import { DecodeError, fromAscii, toAscii } from "./client/bytes.js";
import { openMeterPort } from "./optical-port.js";

/** A message of mode C: text from SOH or STX on, then ETX and the check over all that follows the first character. */
export function blockOf(text: string): string {
	const octets = [...fromAscii(text), 3];
	return toAscii(Uint8Array.from([...octets, octets.slice(1).reduce((check, octet) => check ^ octet, 0)]));
}

const names = new Map([
	["\x01", "[SOH]"],
	["\x02", "[STX]"],
	["\x06", "[ACK]"],
	["\x15", "[NAK]"],
]);

/** A message as text, without its end and check, which must be right; anything else as it is. */
export function readable(message: string): string {
	let text = message;
	if (/^[^ -~]/.test(message) && message.length > 2) {
		text = message.slice(0, -2);
		if (blockOf(text) !== message) throw new DecodeError("block check character", text.length);
	}
	return [...text].map((character) => names.get(character) ?? character).join("");
}

/** An optical head on a meter in virtual time. */
export class OpticalHead {
	readonly port: OpticalPort;
	readonly #bench: MeterBench;
	#heard = "";

	constructor(bench: MeterBench) {
		this.#bench = bench;
		const sink = {
			send: (bytes: Uint8Array) => {
				this.#heard += toAscii(bytes.slice());
			},
			disconnect: () => undefined,
		};
		this.port = openMeterPort(bench, sink);
	}

	/** Lets time pass; returns what has been heard since the last call. */
	listen(time_ms: number): string {
		const { simulated } = this.#bench;
		const end_ms = simulated.monotonic_ms() + time_ms;
		while (this.port.nextDeadline_ms <= end_ms) this.#hear(this.port.nextDeadline_ms);
		simulated.runTo(end_ms);
		const heard = this.#heard;
		this.#heard = "";
		return readable(heard);
	}

	#hear(at_ms: number): void {
		this.#bench.simulated.runTo(at_ms);
		this.port.advance(at_ms);
	}

	/** Says something; returns the answer as soon as it comes, "" when none does within the longest reaction time. */
	ask(text: string): string {
		this.port.receive(fromAscii(text), this.#bench.simulated.monotonic_ms());
		const { simulated } = this.#bench;
		const end_ms = simulated.monotonic_ms() + 1500;
		while (this.#heard === "" && this.port.nextDeadline_ms <= end_ms)
			this.#hear(Math.max(this.port.nextDeadline_ms, simulated.monotonic_ms()));
		return this.listen(this.#heard === "" ? end_ms - simulated.monotonic_ms() : 0);
	}

	/** Signs on and asks for programming mode; returns the answer to that. */
	enter(): string {
		this.ask("/?!\r\n");
		return this.ask("\x06051\r\n");
	}

	/** As `ask`, for a command without its end and check. */
	command(text: string): string {
		return this.ask(blockOf(text));
	}
}
