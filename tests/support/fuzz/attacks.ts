// SPDX-License-Identifier: Apache-2.0
// What a hostile public client puts on each kind of link: mostly whole frames around a hostile APDU, now and then broken ones.

import { type Draw, mutate } from "../../../hosts/xs/src/support/draw.js";
import { frame } from "../../cosem/hdlc/hdlc-frames.js";
import { fromAscii, fromHex, toAscii, toHex } from "../client/bytes.js";

/** The hostile end of one link. */
export interface Attack {
	readonly name: string;
	/** Octets for the line, around `apdu` or instead of it. */
	dress(apdu: Uint8Array, draw: Draw): Uint8Array;
	/** Sees what the meter has sent, where frames depend on it. */
	observe?(octets: Uint8Array): void;
	/** An answer may come with a later one, as long as the window of the client is closed. */
	readonly answersLate?: boolean;
	/** The APDU in what was sent, empty without one; undefined where answers have other forms. */
	apduIn?(octets: Uint8Array): Uint8Array;
	/** A valid request, where it is not GET of the clock. */
	readonly probe?: Uint8Array;
	/** Opens the association. */
	readonly greeting: readonly Uint8Array[];
	/** An answer to the valid request is in `octets`. */
	hasAnswer(octets: Uint8Array): boolean;
}

export const publicAarq = "601da109060760857405080101be10040e01000000065f1f0400001214ffff";
export const getClock = fromHex("c001c100080000010000ff0200");
const clockData = "c401c100090c";

/** `apdu` in a unit of the wrapper. @param sap of the client */
export function wrapped(apdu: Uint8Array, sap = 16): Uint8Array {
	const head = [0, 1, 0, sap, 0, 1, apdu.length >> 8, apdu.length & 255];
	return Uint8Array.from([...head, ...apdu]);
}

export function wrapperAttack(): Attack {
	return {
		name: "wrapper",
		dress: (apdu, draw) => {
			const unit = wrapped(apdu, draw(8) === 0 ? draw(256) : 16);
			return draw(20) === 0 ? mutate(unit, draw) : unit;
		},
		apduIn: (octets) => octets.subarray(8),
		greeting: [wrapped(fromHex(publicAarq))],
		hasAnswer: (octets) => toHex(octets).includes(clockData),
	};
}

export function hdlcAttack(): Attack {
	/** Sequence numbers that the meter expects next, and has sent last. */
	let next = 0x10;
	const controls = [0x10, 0x32, 0x54, 0x11, 0x31, 0x51, 0x15, 0x93, 0x53, 0x03, 0x97, 0x30, 0x12];
	return {
		name: "HDLC",
		answersLate: true,
		observe: (octets) => {
			for (let at = 0; at + 6 < octets.length; at += 2 + (((octets[at + 1]! & 7) << 8) | octets[at + 2]!)) {
				const control = octets[at + 5]!;
				if ((control & 1) === 0) next = ((((control >> 1) + 1) & 7) << 5) | 0x10 | ((control >> 5) << 1);
			}
		},
		dress: (apdu, draw) => {
			const isProbe = draw(2) === 1 && draw(3) === 1 && apdu.length === 13;
			const control = isProbe ? 0x32 : draw(4) !== 0 ? next : controls[draw(controls.length)]!;
			const information = draw(12) === 0 ? "" : `e6e600${toHex(apdu.subarray(0, 400))}`;
			const octets = fromHex(frame("03", draw(9) === 0 ? "cd" : "21", control, information, draw(7) === 0));
			return draw(10) === 0 ? mutate(octets, draw) : octets;
		},
		greeting: [fromHex(frame("03", "21", 0x93)), fromHex(frame("03", "21", 0x10, `e6e600${publicAarq}`))],
		apduIn: (octets) => {
			const at = toHex(octets).indexOf("e6e700");
			return at < 0 ? new Uint8Array(0) : octets.subarray(at / 2 + 3);
		},
		hasAnswer: (octets) => toHex(octets).includes(clockData),
	};
}

const opticalTexts = [
	"/?!\r\n",
	"/?00000001!\r\n",
	"\x06252\r\n",
	"\x06051\r\n",
	"\x06050\r\n",
	"\x01P1\x02(00000000)\x03\x61",
	"\x01W1\x020.0.0(1)\x03\x20",
	"\x01R1\x021.8.0()\x03\x5c",
	"\x01B0\x03\x71",
	"\x15",
];

/** The optical port before and between the modes: sign-on, acknowledgements, programming commands, frames, light. */
export function opticalAttack(): Attack {
	return {
		name: "optical",
		dress: (apdu, draw) => {
			if (draw(3) === 0)
				return fromHex(frame("03", "21", [0x93, 0x10, 0x32][draw(3)]!, `e6e600${toHex(apdu.subarray(0, 100))}`));
			const text = fromAscii(opticalTexts[draw(opticalTexts.length)]!);
			return draw(3) === 0 ? mutate(text, draw) : text;
		},
		probe: fromAscii("/?!\r\n"),
		greeting: [],
		hasAnswer: (octets) => toAscii(octets).includes("/SXF"),
	};
}

/** Datagrams, which nothing ever answers. */
export function datagramAttack(): Attack {
	return {
		name: "UDP",
		dress: (apdu, draw) => {
			const unit = wrapped(apdu, draw(4) === 0 ? draw(256) : 102);
			return draw(20) === 0 ? mutate(unit, draw) : unit;
		},
		greeting: [],
		hasAnswer: (octets) => octets.length === 0,
	};
}
