// SPDX-License-Identifier: Apache-2.0
import { fromHex, toHex } from "../../support/client/bytes.js";

/** CRC-16/X.25 bit by bit, low octet first: written apart from the table in the product. */
export function checkSequence(text: string): string {
	let crc = 0xffff;
	for (const octet of fromHex(text)) {
		crc ^= octet;
		for (let n = 0; n < 8; n++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
	}
	crc ^= 0xffff;
	return toHex(Uint8Array.of(crc & 255, crc >> 8));
}

/** A frame, all parts in hex, flags included. */
export function frame(
	destination: string,
	source: string,
	control: number,
	information = "",
	isSegmented = false,
): string {
	const length =
		2 + (destination.length + source.length) / 2 + 1 + 2 + (information === "" ? 0 : information.length / 2 + 2);
	let text = (0xa000 | (isSegmented ? 0x800 : 0) | length).toString(16) + destination + source;
	text += control.toString(16).padStart(2, "0");
	text += checkSequence(text);
	if (information !== "") text = text + information + checkSequence(text + information);
	return `7e${text}7e`;
}

export const snrm = 0x93;
export const disc = 0x53;
export const ua = 0x73;
export const dm = 0x1f;
export const frmr = 0x97;
export const ui = 0x03;
export const rr = (nr: number, pf = true): number => (nr << 5) | (pf ? 0x11 : 0x01);
export const rnr = (nr: number, pf = true): number => (nr << 5) | (pf ? 0x15 : 0x05);
export const i = (ns: number, nr: number, pf = true): number => (nr << 5) | (pf ? 0x10 : 0) | (ns << 1);

export const commandLlc = "e6e600";
export const responseLlc = "e6e700";

/** Negotiation field with the values in their shortest usual form. */
export function parameterField(
	transmit: number,
	receive: number,
	windowTransmit: number,
	windowReceive: number,
): string {
	const length = (id: string, value: number) =>
		value < 256 ? `${id}01${value.toString(16).padStart(2, "0")}` : `${id}02${value.toString(16).padStart(4, "0")}`;
	const window = (id: string, value: number) => `${id}04${value.toString(16).padStart(8, "0")}`;
	const group =
		length("05", transmit) + length("06", receive) + window("07", windowTransmit) + window("08", windowReceive);
	return `8180${(group.length / 2).toString(16).padStart(2, "0")}${group}`;
}
