// SPDX-License-Identifier: Apache-2.0
import type { ApduHandler, LinkInfo } from "../apdu-handler.js";
import { Writer } from "../codec/writer.js";
import { decodeWrapperHeader, type WrapperHeader, wrapperHeaderSize, wrapperVersion } from "./wrapper-header.js";

/**
 * COSEM over UDP (IEC 62056-47): one unit a datagram. Only the pre-established client speaks here, so nothing ever goes
 * back, and a datagram with a forged sender brings nobody an answer. The link to the server is opened with the first
 * datagram.
 */
export class WrapperDatagram {
	readonly #handler: ApduHandler;
	readonly #info: LinkInfo;
	readonly #header: WrapperHeader = { version: 0, sourceWPort: 0, destinationWPort: 0, length: 0 };
	/** Takes what is not sent. */
	readonly #scratch = new Writer(16);
	#link = -1;

	constructor(handler: ApduHandler, info: LinkInfo) {
		this.#handler = handler;
		this.#info = info;
	}

	/** Takes a datagram; its octets may be deciphered in place. Anything but exactly one unit is dropped. */
	receive(bytes: Uint8Array): void {
		const header = this.#header;
		if (bytes.length <= wrapperHeaderSize) return;
		decodeWrapperHeader(bytes, 0, header);
		const { sourceWPort, destinationWPort } = header;
		if (header.version !== wrapperVersion || header.length !== bytes.length - wrapperHeaderSize) return;
		if (this.#link < 0) this.#link = this.#handler.open(this.#info);
		if (this.#link < 0) return;
		this.#handler.handle(
			this.#link,
			sourceWPort,
			destinationWPort,
			bytes,
			wrapperHeaderSize,
			bytes.length,
			this.#scratch,
		);
	}

	close(): void {
		if (this.#link < 0) return;
		this.#handler.close(this.#link);
		this.#link = -1;
	}
}
