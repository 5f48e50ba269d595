// SPDX-License-Identifier: Apache-2.0
import { ByteReader, bigEndian, concat, DecodeError } from "./bytes.js";
import type { ByteStream, Taken } from "./duplex.js";

/** A way for whole APDUs between one client and one logical device. */
export interface ApduLink {
	readonly stream: ByteStream;
	/** Makes the lower layer ready; nothing to do over TCP. */
	open(): Promise<void>;
	send(apdu: Uint8Array): Promise<void> | void;
	/** `timeout_ms` of real time, the default of the stream unless given. */
	receive(timeout_ms?: number): Promise<Uint8Array>;
	/** Ends the lower layer. */
	close(): Promise<void>;
}

/** One unit of the TCP-UDP wrapper (IEC 62056-47). */
export interface WrapperUnit {
	readonly version: number;
	readonly source: number;
	readonly destination: number;
	readonly apdu: Uint8Array;
}

const headerSize = 8;

export function encodeWrapper(source: number, destination: number, apdu: Uint8Array, version = 1): Uint8Array {
	return concat(
		bigEndian(version, 2),
		bigEndian(source, 2),
		bigEndian(destination, 2),
		bigEndian(apdu.length, 2),
		apdu,
	);
}

/** Undefined while the unit is not complete. */
export function takeWrapper(pending: Uint8Array): Taken<WrapperUnit> | undefined {
	if (pending.length < headerSize) return undefined;
	const r = new ByteReader(pending);
	const version = r.unsigned(2);
	if (version !== 1) throw new DecodeError(`wrapper version ${version}`, 0);
	const source = r.unsigned(2);
	const destination = r.unsigned(2);
	const length = r.unsigned(2);
	if (r.left < length) return undefined;
	return { message: { version, source, destination, apdu: r.take(length) }, used: headerSize + length };
}

export class WrapperLink implements ApduLink {
	readonly stream: ByteStream;
	readonly #clientSap: number;
	readonly #serverSap: number;

	constructor(stream: ByteStream, clientSap: number, serverSap: number) {
		this.stream = stream;
		this.#clientSap = clientSap;
		this.#serverSap = serverSap;
	}

	async open(): Promise<void> {}

	send(apdu: Uint8Array): void {
		this.stream.write(encodeWrapper(this.#clientSap, this.#serverSap, apdu));
	}

	async receive(timeout_ms?: number): Promise<Uint8Array> {
		const unit = await this.stream.take(takeWrapper, timeout_ms);
		if (unit.source !== this.#serverSap || unit.destination !== this.#clientSap) {
			throw new DecodeError(`unit from ${unit.source} to ${unit.destination}`, 2);
		}
		return unit.apdu;
	}

	async close(): Promise<void> {
		await this.stream.close();
	}
}
