// SPDX-License-Identifier: Apache-2.0
import { concat, DecodeError, fromAscii, toAscii } from "./bytes.js";
import type { ByteStream, Taken } from "./duplex.js";

/** Identification message of a meter (IEC 62056-21). */
export interface Identification {
	/** Three letters; a small third one tells of the short reaction time. */
	readonly manufacturer: string;
	/** Character of the offered rate. */
	readonly rate: string;
	/** Without the escape sequence in front of it. */
	readonly identification: string;
	/** `\\2` was there: mode E is offered. */
	readonly offersHdlc: boolean;
}

const acknowledge = 0x06;
const startOfText = 0x02;
const endOfText = 0x03;
const lineFeed = 0x0a;

function takeLine(pending: Uint8Array): Taken<string> | undefined {
	const end = pending.indexOf(lineFeed);
	if (end < 0) return undefined;
	return { message: toAscii(pending.slice(0, end + 1).map((octet) => octet & 0x7f)), used: end + 1 };
}

/**
 * Sends a request message.
 * @param address device address; empty for whoever is there
 */
export async function requestIdentification(stream: ByteStream, address = ""): Promise<Identification> {
	stream.write(fromAscii(`/?${address}!\r\n`));
	const line = await stream.take(takeLine);
	const match = /^\/([A-Z]{2}[A-Za-z])([0-9A-I])((?:\\.)*)([\x20-\x7e]{0,16})\r\n$/.exec(line);
	if (match === null) throw new DecodeError(`identification ${JSON.stringify(line)}`, 0);
	const [, manufacturer, rate, escapes, identification] = match;
	return {
		manufacturer: manufacturer!,
		rate: rate!,
		identification: identification!,
		offersHdlc: escapes!.includes("\\2"),
	};
}

/** Signs on and changes over to HDLC with 8 data bits (mode E) at the offered rate. */
export async function signOnModeE(stream: ByteStream, address = ""): Promise<Identification> {
	const identification = await requestIdentification(stream, address);
	if (!identification.offersHdlc) throw new DecodeError("mode E is not offered", 0);
	stream.write(concat(acknowledge, fromAscii(`2${identification.rate}2\r\n`)));
	const confirmation = await stream.take(takeLine);
	if (confirmation !== `\x062${identification.rate}2\r\n`) {
		throw new DecodeError(`confirmation ${JSON.stringify(confirmation)}`, 0);
	}
	return identification;
}

/** One data set of a readout, as text. */
export interface DataSet {
	readonly address: string;
	readonly value: string;
	readonly unit: string | undefined;
}

function takeReadout(pending: Uint8Array): Taken<string> | undefined {
	const from = pending.indexOf(startOfText);
	const end = pending.indexOf(endOfText);
	if (from < 0 || end < 0 || end + 1 >= pending.length) return undefined;
	const block = pending.slice(from + 1, end + 1).map((octet) => octet & 0x7f);
	const check = block.reduce((sum, octet) => sum ^ octet, 0);
	if (check !== (pending[end + 1]! & 0x7f)) throw new DecodeError("block check character", end + 1);
	return { message: toAscii(block), used: end + 2 };
}

/** Signs on and reads the registers out (mode C); the block check is verified. */
export async function readOut(stream: ByteStream, address = ""): Promise<readonly DataSet[]> {
	const { rate } = await requestIdentification(stream, address);
	stream.write(concat(acknowledge, fromAscii(`0${rate}0\r\n`)));
	const text = await stream.take(takeReadout);
	if (!text.endsWith("!\r\n\x03")) throw new DecodeError("end of the readout", text.length);
	const sets = text.slice(0, -4).matchAll(/([^()\r\n/!]*)\(([^()*\r\n/!]*)(?:\*([^()\r\n/!]*))?\)/g);
	return [...sets].map(([, name, value, unit]) => ({ address: name!, value: value!, unit }));
}
