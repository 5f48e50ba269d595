// SPDX-License-Identifier: Apache-2.0

const bufferSize = 128;

interface Options {
	readonly baud: number;
	readonly onReadable: (count: number) => void;
	readonly onWritable: (count: number) => void;
}

/** A UART with 128 octets each way; `sent` is what left it, `drain` lets what is buffered leave. */
export default class FakeSerial {
	static readonly opened: FakeSerial[] = [];
	readonly baud: number;
	readonly sent: number[] = [];
	isClosed = false;
	readonly #options: Options;
	readonly #received: number[] = [];
	#buffered = 0;

	constructor(options: Options) {
		this.baud = options.baud;
		this.#options = options;
		FakeSerial.opened.push(this);
	}

	read(into: Uint8Array): number | undefined {
		const count = Math.min(into.length, this.#received.length);
		into.set(this.#received.splice(0, count));
		return count === 0 ? undefined : count;
	}

	write(octets: Uint8Array): void {
		if (this.isClosed) throw new Error("closed");
		if (this.#buffered + octets.length > bufferSize) throw new Error("output full");
		this.#buffered += octets.length;
		this.sent.push(...octets);
	}

	close(): void {
		this.isClosed = true;
	}

	/** What a peer sends. */
	receive(...octets: number[]): void {
		this.#received.push(...octets);
		this.#options.onReadable(this.#received.length);
	}

	/** Everything buffered has left; the host may write again. */
	drain(): void {
		this.#buffered = 0;
		this.#options.onWritable(bufferSize);
	}
}
