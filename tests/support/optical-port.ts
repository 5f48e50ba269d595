// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { ApduHandler } from "../../src/cosem/apdu-handler.js";
import { defaultHdlcSetup } from "../../src/cosem/hdlc/hdlc-setup.js";
import { defaultLocalPortSetup } from "../../src/iec62056-21/local-port-setup.js";
import { OpticalPort } from "../../src/iec62056-21/optical-port.js";
import type { OpticalPortOptions } from "../../src/iec62056-21/optical-port-options.js";
import type { LinkSink } from "../../src/ports/link.js";
import type { MeterBench } from "../events/meter-bench.js";
import { fromAscii, fromHex } from "./client/bytes.js";
import { FakeApduHandler, RecordingSink } from "./fake-apdu-handler.js";

/** The optical port of an ST402D with the serial number 12345678. @param options what is different */
export function openOpticalPort(
	sink: LinkSink,
	handler: ApduHandler,
	options: Partial<OpticalPortOptions> = {},
): OpticalPort {
	return new OpticalPort(
		sink,
		handler,
		{ port: "optical", name: "test" },
		{
			setup: defaultLocalPortSetup(),
			hdlcSetup: defaultHdlcSetup(12_345_678),
			hdlc: { maximumApdu: 300, maximumInformation: 128, connections: 2 },
			manufacturer: "SXF",
			identification: "ST402D",
			serialNumber: fromAscii("12345678"),
			...options,
		},
	);
}

/** An optical port of a whole meter, which hears what `sink` is not sent. @param options what is different */
export function openMeterPort(
	bench: MeterBench,
	sink: LinkSink,
	options: Partial<OpticalPortOptions> = {},
): OpticalPort {
	const { meter, handler } = bench.simulated;
	const { opticalPort, identity } = meter.application;
	return openOpticalPort(sink, handler, {
		setup: opticalPort,
		hdlcSetup: defaultHdlcSetup(1),
		serialNumber: identity.serialNumber,
		readout: bench.simulated.createReadout(),
		...options,
	});
}

/** An optical port on a bench, without a meter behind it, in a time of its own. */
export class PortBench {
	readonly handler = new FakeApduHandler();
	readonly sink = new RecordingSink();
	readonly setup = defaultLocalPortSetup();
	readonly port: OpticalPort;
	now_ms = 0;

	constructor(options: Partial<OpticalPortOptions> = {}) {
		this.port = openOpticalPort(this.sink, this.handler, { setup: this.setup, ...options });
	}

	/** Moves time on, deadline by deadline as a host does. */
	readonly wait = (time_ms: number): void => {
		const { port } = this;
		const end_ms = this.now_ms + time_ms;
		while (port.nextDeadline_ms <= end_ms) {
			assert.ok(port.nextDeadline_ms >= this.now_ms, "a deadline must lie ahead");
			this.now_ms = port.nextDeadline_ms;
			port.advance(this.now_ms);
		}
		this.now_ms = end_ms;
	};

	readonly say = (text: string): void => this.port.receive(fromAscii(text), this.now_ms);
	readonly sayHex = (hex: string): void => this.port.receive(fromHex(hex), this.now_ms);

	/** What was sent since the last call, in hex. */
	readonly heard = (): string => this.sink.take().join("");
}
