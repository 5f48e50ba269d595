// SPDX-License-Identifier: Apache-2.0
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { WrapperSession } from "../../src/cosem/wrapper/wrapper-session.js";
import type { Duplex } from "../../tests/support/client/duplex.js";

/** A connection to the meter without a socket: the octets of the TCP wrapper, in the same process. */
export class InProcessLine implements Duplex {
	onData: (bytes: Uint8Array) => void = () => undefined;
	onClose: () => void = () => undefined;
	readonly #meter: SimulatedMeter;
	readonly #session: WrapperSession;

	constructor(meter: SimulatedMeter) {
		this.#meter = meter;
		this.#session = new WrapperSession(
			{ send: (bytes) => this.onData(Uint8Array.from(bytes)), disconnect: () => this.onClose() },
			meter.handler,
			{ port: "tcp", name: "accuracy bench" },
			{ simultaneousConnections: 1, inactivityTimeout_s: 120 },
			{ maximumApdu: 2000 },
			meter.monotonic_ms(),
		);
	}

	write(bytes: Uint8Array): void {
		this.#session.receive(bytes, this.#meter.monotonic_ms());
	}

	close(): void {
		this.#session.close();
		this.onClose();
	}
}
