// SPDX-License-Identifier: Apache-2.0
// The part of the Moddable SDK (8.2.3) and of ECMA-419 that this host uses. The SDK's build checks the same sources
// against its own declarations; these let the repository check them without it.

declare function trace(...items: readonly (string | number)[]): void;

declare module "embedded:io/digital" {
	interface DigitalOptions {
		readonly pin: number;
		readonly mode: number;
		readonly edge?: number;
		/** Level set before the output is enabled. */
		readonly initialValue?: 0 | 1;
		readonly onReadable?: () => void;
	}
	export default class Digital {
		static readonly Input: number;
		static readonly InputPullUp: number;
		static readonly Output: number;
		static readonly Rising: number;
		static readonly Falling: number;
		constructor(options: DigitalOptions);
		read(): 0 | 1;
		write(level: 0 | 1): void;
		close(): void;
	}
}

declare module "embedded:io/digitalbank" {
	interface DigitalBankOptions {
		/** One bit for each pin of the bank. */
		readonly pins: number;
		readonly mode: number;
		/** 0 for GPIO 0 to 31, which is also meant when it is left out. */
		readonly bank?: number | string;
	}
	export default class DigitalBank {
		static readonly Input: number;
		static readonly InputPullUp: number;
		constructor(options: DigitalBankOptions);
		/** Levels of the pins, each in its bit. */
		read(): number;
		close(): void;
	}
}

declare module "embedded:io/analog" {
	export default class Analog {
		/** Bits of a sample. */
		readonly resolution: number;
		constructor(options: { readonly pin: number });
		read(): number;
		close(): void;
	}
}

declare module "embedded:io/spi" {
	interface SpiOptions {
		readonly port: number;
		readonly clock: number;
		readonly in: number;
		readonly out: number;
		readonly select: number;
		/** Level of `select` while it is active. */
		readonly active: 0 | 1;
		readonly hz: number;
		readonly mode: 0 | 1 | 2 | 3;
	}
	export default class SPI {
		constructor(options: SpiOptions);
		/** In place. */
		transfer(buffer: Uint8Array): void;
		flush(deselect?: boolean): void;
		close(): void;
	}
}

declare module "embedded:io/serial" {
	interface SerialOptions {
		readonly port: number;
		readonly receive: number;
		readonly transmit: number;
		readonly baud: number;
		readonly format: "buffer";
		readonly onReadable?: (count: number) => void;
		readonly onWritable?: (count: number) => void;
	}
	/** 8 data bits, no parity, 1 stop bit; a hardware buffer of 128 octets each way and no other. */
	export default class Serial {
		constructor(options: SerialOptions);
		/** Number of octets put into `into`; undefined when there are none. */
		read(into: Uint8Array): number | undefined;
		/** Throws when `octets` does not fit into the hardware buffer. */
		write(octets: Uint8Array): void;
		close(): void;
	}
}

declare module "embedded:io/smbus" {
	interface SMBusOptions {
		readonly data: number;
		readonly clock: number;
		readonly hz: number;
		readonly address: number;
	}
	export default class SMBus {
		constructor(options: [SMBusOptions] & { stop?: boolean });
		readUint8(register: number): number;
		writeUint8(register: number, value: number): void;
		sendByte(value: number): void;
		receiveByte(): number;
		readBuffer(register: number, into: Uint8Array): void;
		writeBuffer(register: number, from: Uint8Array): void;
		close(): void;
	}
}

declare module "embedded:storage/flash" {
	interface FlashPartition {
		read(into: Uint8Array, offset: number): number;
		write(octets: Uint8Array, offset: number): void;
		eraseBlock(block: number): void;
		status(): { readonly size: number; readonly blockLength: number; readonly blocks: number };
		close(): void;
	}
	const storage: { open(options: { readonly path: string; readonly mode: "r" | "r+" }): FlashPartition };
	export default storage;
}

declare module "embedded:storage/key-value" {
	interface KeyValueDomain {
		/** An ArrayBuffer of the format "buffer"; undefined when there is no such key. */
		read(key: string): ArrayBuffer | string | number | bigint | undefined;
		close(): void;
	}
	const storage: {
		open(options: { readonly path: string; readonly mode: "r" | "r+"; readonly format: "buffer" }): KeyValueDomain;
	};
	export default storage;
}

declare module "mc/config" {
	const config: Readonly<Record<string, unknown>>;
	export default config;
}

declare module "time" {
	const Time: {
		/** Milliseconds; wraps. */
		readonly ticks: number;
		/** Milliseconds from `start` to `end`, wrap included. */
		delta(start: number, end?: number): number;
	};
	export default Time;
}

declare module "timer" {
	class Timer {
		private constructor();
		private brand: boolean;
		/** Calls back once after `delay_ms`; with `repeat_ms` then again. */
		static set(callback: () => void, delay_ms: number, repeat_ms?: number): Timer;
		/** Moves the next call of a repeating timer. */
		static schedule(timer: Timer, delay_ms: number, repeat_ms: number): void;
		static clear(timer: Timer): void;
	}
	export default Timer;
}
