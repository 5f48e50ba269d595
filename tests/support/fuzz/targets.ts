// SPDX-License-Identifier: Apache-2.0
import { HdlcSession } from "../../../src/cosem/hdlc/hdlc-session.js";
import { defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { WrapperDatagram } from "../../../src/cosem/wrapper/wrapper-datagram.js";
import { WrapperSession } from "../../../src/cosem/wrapper/wrapper-session.js";
import type { LinkSession } from "../../../src/ports/link.js";
import type { MeterBench } from "../../events/meter-bench.js";
import { openOpticalPort } from "../optical-port.js";
import { type Attack, datagramAttack, hdlcAttack, opticalAttack, wrapperAttack } from "./attacks.js";

/** A link to the whole meter, as the public client uses it. */
export interface Target extends Attack {
	open(now_ms: number): LinkSession;
	/** What the meter has sent since the last call. */
	take(): Uint8Array;
}

export function wrapperTarget(bench: MeterBench): Target {
	const sent: number[] = [];
	const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
	const setup = { simultaneousConnections: 64, inactivityTimeout_s: 120 };
	const options = { maximumApdu: 4096 };
	return {
		...wrapperAttack(),
		open: (now_ms) => {
			const info = { port: "tcp" as const, name: "fuzz" };
			return new WrapperSession(sink, bench.simulated.handler, info, setup, options, now_ms);
		},
		take: () => Uint8Array.from(sent.splice(0)),
	};
}

export function hdlcTarget(bench: MeterBench): Target {
	const sent: number[] = [];
	const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
	const attack = hdlcAttack();
	const options = { maximumApdu: 4096, maximumInformation: 512, connections: 2 };
	return {
		...attack,
		open: () =>
			new HdlcSession(sink, bench.simulated.handler, { port: "optical", name: "fuzz" }, defaultHdlcSetup(1), options),
		take: () => {
			const octets = Uint8Array.from(sent.splice(0));
			attack.observe?.(octets);
			return octets;
		},
	};
}

/** The optical port before and between the modes: sign-on, acknowledgements, programming commands, frames, light. */
export function opticalTarget(bench: MeterBench): Target {
	const sent: number[] = [];
	const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
	return {
		...opticalAttack(),
		open: () =>
			openOpticalPort(sink, bench.simulated.handler, {
				hdlcSetup: defaultHdlcSetup(1),
				hdlc: { maximumApdu: 300, maximumInformation: 128, connections: 2, minimumInterOctetTimeout_ms: 10_000 },
			}),
		take: () => Uint8Array.from(sent.splice(0)),
	};
}

/** Datagrams, which nothing ever answers. */
export function datagramTarget(bench: MeterBench): Target {
	return {
		...datagramAttack(),
		open: () => {
			const session = new WrapperDatagram(bench.simulated.handler, { port: "udp", name: "fuzz" });
			return {
				receive: (bytes: Uint8Array) => session.receive(bytes),
				advance: () => undefined,
				nextDeadline_ms: 0, // open
				close: () => session.close(),
			} as LinkSession;
		},
		take: () => new Uint8Array(0),
	};
}
