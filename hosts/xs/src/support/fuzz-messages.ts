// SPDX-License-Identifier: Apache-2.0
// Hostile APDUs, the same on the engine and under node: built by the rules of the services out of random parts, then changed
// in part behind their tag, so that most of them get further than that.

import { type Draw, mutate } from "./draw.js";

/** Class and logical name of objects that every model has, and of one that none has. */
const objects: readonly (readonly number[])[] = Object.freeze([
	Object.freeze([8, 0, 0, 1, 0, 0, 255]),
	Object.freeze([1, 0, 0, 42, 0, 0, 255]),
	Object.freeze([1, 0, 0, 96, 1, 0, 255]),
	Object.freeze([1, 0, 0, 96, 1, 1, 255]),
	Object.freeze([1, 0, 0, 43, 1, 0, 255]),
	Object.freeze([15, 0, 0, 40, 0, 0, 255]),
	Object.freeze([17, 0, 0, 41, 0, 0, 255]),
	Object.freeze([3, 1, 0, 1, 8, 0, 255]),
	Object.freeze([7, 1, 0, 99, 1, 0, 255]),
	Object.freeze([64, 0, 0, 43, 0, 0, 255]),
	Object.freeze([40, 0, 4, 25, 9, 0, 255]),
	Object.freeze([9, 0, 0, 10, 0, 0, 255]),
	Object.freeze([20, 0, 0, 13, 0, 0, 255]),
	Object.freeze([22, 0, 0, 15, 0, 0, 255]),
	Object.freeze([70, 0, 0, 96, 3, 10, 255]),
	Object.freeze([1, 9, 9, 9, 9, 9, 9]),
]);

/** Lengths of the types of fixed length; -1 for others. */
const fixedLengths: readonly (readonly [number, number])[] = Object.freeze([
	Object.freeze([0, 0] as const),
	Object.freeze([3, 1] as const),
	Object.freeze([5, 4] as const),
	Object.freeze([6, 4] as const),
	Object.freeze([15, 1] as const),
	Object.freeze([16, 2] as const),
	Object.freeze([17, 1] as const),
	Object.freeze([18, 2] as const),
	Object.freeze([20, 8] as const),
	Object.freeze([21, 8] as const),
	Object.freeze([22, 1] as const),
	Object.freeze([23, 4] as const),
	Object.freeze([25, 12] as const),
]);

const deepest = 10;
const numberOfForms = 22;

/** Builds the messages, one after the other. */
export class FuzzMessages {
	readonly #draw: Draw;
	#out: number[] = [];

	constructor(draw: Draw) {
		this.#draw = draw;
	}

	/** The next APDU: as built, or changed behind its tag (and mostly behind its choice); now and then octets alone. */
	next(): Uint8Array {
		const draw = this.#draw;
		this.#out = [];
		if (draw(40) === 0) {
			this.noise(1 + draw(80));
			return Uint8Array.from(this.#out);
		}
		this.apdu(draw(numberOfForms), 0);
		const bytes = Uint8Array.from(this.#out);
		return draw(2) === 0 ? bytes : mutate(bytes, draw, draw(4) === 0 ? 1 : 3);
	}

	/** A plain request for a service, as it can stand inside a protection. */
	nextPlain(): Uint8Array {
		const draw = this.#draw;
		this.#out = [];
		this.apdu(draw(12), 0);
		const bytes = Uint8Array.from(this.#out);
		return draw(2) === 0 ? bytes : mutate(bytes, draw, draw(4) === 0 ? 1 : 3);
	}

	private put(...octets: readonly number[]): void {
		for (let n = 0; n < octets.length; n++) this.#out.push(octets[n]!);
	}

	private noise(count: number): void {
		for (let n = 0; n < count; n++) this.#out.push(this.#draw(256));
	}

	private length(size: number): void {
		if (size < 128) this.put(size);
		else if (size < 256) this.put(0x81, size);
		else this.put(0x82, size >> 8, size & 255);
	}

	/** Length and content of what `write` appends. */
	private sized(write: () => void): void {
		const before = this.#out;
		this.#out = [];
		write();
		const content = this.#out;
		this.#out = before;
		this.length(content.length);
		for (let n = 0; n < content.length; n++) this.#out.push(content[n]!);
	}

	private octets(count: number): void {
		this.length(count);
		this.noise(count);
	}

	private invoke(): number {
		return this.#draw(8) === 0 ? this.#draw(256) : 0xc1;
	}

	/** Class, logical name, attribute or method. */
	private descriptor(): void {
		const draw = this.#draw;
		const object = objects[draw(objects.length)]!;
		this.put(0, draw(20) === 0 ? draw(256) : object[0]!);
		for (let n = 1; n < 7; n++) this.put(object[n]!);
		this.put(draw(10) === 0 ? draw(256) : draw(12));
	}

	private selection(): void {
		const draw = this.#draw;
		if (draw(5) !== 0) {
			this.put(0);
			return;
		}
		this.put(1, 1 + draw(4));
		this.value(0);
	}

	/** One value of any type, mostly well formed. */
	private value(depth: number): void {
		const draw = this.#draw;
		const kind = draw(depth >= deepest ? 8 : 10);
		if (kind < 6) {
			const [tag, size] = fixedLengths[draw(fixedLengths.length)]!;
			this.put(tag);
			this.noise(size);
		} else if (kind < 8) {
			this.put([9, 10, 12, 9][draw(4)]!);
			this.octets([6, 12, 8, draw(40)][draw(4)]!);
		} else {
			const count = draw(4);
			this.put(kind === 8 ? 1 : 2, count);
			for (let n = 0; n < count; n++) this.value(depth + (draw(3) === 0 ? 1 : 2));
		}
	}

	private block(isLast: boolean): void {
		this.put(isLast ? 1 : 0, 0, 0, 0, 1 + this.#draw(2));
		this.octets(this.#draw(30));
	}

	/** Title of an originator or a recipient. */
	private title(): void {
		if (this.#draw(4) === 0) this.octets(this.#draw(10));
		else this.put(8, 0x4d, 0x4d, 0x4d, 0, 0, 0xbc, 0x61, 0x4e);
	}

	/** The five fields of general-ciphering and general-signing. */
	private fields(): void {
		const draw = this.#draw;
		this.octets(draw(10) === 0 ? draw(60) : draw(9));
		this.title();
		this.title();
		this.octets(draw(3) === 0 ? 12 : 0);
		this.octets(draw(6) === 0 ? draw(80) : 0);
	}

	/** Security control, counter, text and tag. */
	private sealed(): void {
		const draw = this.#draw;
		this.sized(() => {
			this.put([0x30, 0x10, 0x31, 0x70, draw(256)][draw(5)]!);
			this.noise(4 + draw(60));
		});
	}

	private keyInfo(): void {
		const draw = this.#draw;
		switch (draw(6)) {
			case 0:
				this.put(0);
				break;
			case 1:
				this.put(1, 0, draw(3));
				break;
			case 2:
				this.put(1, 1, 0);
				this.octets(draw(2) === 0 ? 24 : draw(50));
				break;
			case 3:
				this.put(1, 2, 1, 1);
				this.octets(draw(2) === 0 ? 128 : draw(200));
				break;
			case 4:
				this.put(1, 2, 1, 2, 0);
				break;
			default:
				this.noise(1 + draw(6));
		}
	}

	private apdu(form: number, depth: number): void {
		const draw = this.#draw;
		switch (form) {
			case 0:
			case 1:
				this.put(0xc0, 1, this.invoke());
				this.descriptor();
				this.selection();
				break;
			case 2:
				this.put(0xc0, 2, this.invoke(), 0, 0, 0, draw(3));
				break;
			case 3: {
				const count = draw(5);
				this.put(0xc0, 3, this.invoke(), count);
				for (let n = 0; n < count; n++) {
					this.descriptor();
					this.selection();
				}
				break;
			}
			case 4:
				this.put(0xc1, 1, this.invoke());
				this.descriptor();
				this.selection();
				this.value(0);
				break;
			case 5:
				this.put(0xc1, 2, this.invoke());
				this.descriptor();
				this.selection();
				this.block(draw(3) === 0);
				break;
			case 6:
				this.put(0xc1, 3, this.invoke());
				this.block(draw(2) === 0);
				break;
			case 7: {
				const count = draw(4);
				this.put(0xc1, 4, this.invoke(), count);
				for (let n = 0; n < count; n++) {
					this.descriptor();
					this.selection();
				}
				this.put(count);
				for (let n = 0; n < count; n++) this.value(0);
				break;
			}
			case 8:
				this.put(0xc3, 1, this.invoke());
				this.descriptor();
				this.put(1);
				this.value(0);
				break;
			case 9:
				this.put(0xc3, 4, this.invoke());
				this.descriptor();
				this.block(draw(3) === 0);
				break;
			case 10: {
				const count = draw(4);
				this.put(0xc3, 3, this.invoke(), count);
				for (let n = 0; n < count; n++) this.descriptor();
				this.put(count);
				for (let n = 0; n < count; n++) this.value(0);
				break;
			}
			case 11: {
				const count = draw(5);
				this.put(0xd9, 0x40 | draw(64), 0, 0, draw(256));
				this.octets(draw(3) === 0 ? 12 : 0);
				this.put(count);
				for (let n = 0; n < count; n++) {
					const service = 1 + draw(5);
					this.put(service);
					this.descriptor();
					if (service > 3) this.selection();
				}
				this.put(count);
				for (let n = 0; n < count; n++) this.value(0);
				break;
			}
			case 12:
			case 13:
				this.put(0xe0, draw(2) === 0 ? 0x81 : draw(256), 0, 1 + draw(3), 0, draw(3));
				this.sized(() => {
					if (depth === 0) this.apdu(draw(numberOfForms), 1);
				});
				break;
			case 14:
				this.put(0xdb);
				this.title();
				this.sealed();
				break;
			case 15:
				this.put(0xdc);
				this.title();
				this.sealed();
				break;
			case 16:
			case 17:
				this.put(0xdd);
				this.fields();
				this.keyInfo();
				this.sealed();
				break;
			case 18:
				this.put(0xdf);
				this.fields();
				this.sized(() => {
					if (depth === 0) this.apdu(draw(numberOfForms), 1);
				});
				this.octets([64, 96, draw(100)][draw(3)]!);
				break;
			case 19:
				this.put([0xc8, 0xc9, 0xcb, 0xd0, 0xd1, 0xd3][draw(6)]!);
				this.sealed();
				break;
			case 20:
				this.associationRequest();
				break;
			default:
				this.put(0x62);
				this.sized(() => {
					this.put(0x80, 1, draw(3));
					if (draw(2) !== 0) return;
					this.put(0xbe);
					this.sized(() => {
						this.put(0x04);
						this.sized(() => {
							this.put(0x21);
							this.sealed();
						});
					});
				});
		}
	}

	/** An AARQ whose parts are there, missing or wrong. */
	private associationRequest(): void {
		const draw = this.#draw;
		this.put(0x60);
		this.sized(() => {
			this.put(0xa1, 9, 6, 7, 0x60, 0x85, 0x74, 5, 8, 1, [1, 3, draw(8)][draw(3)]!);
			if (draw(2) === 0) {
				this.put(0xa6, 10, 4);
				this.put(8, 0x4d, 0x4d, 0x4d, 0, 0, 0xbc, 0x61, 0x4e);
			}
			if (draw(4) === 0) {
				this.put(0xa7);
				this.sized(() => {
					this.put(4);
					this.octets(draw(60));
				});
			}
			if (draw(2) === 0) {
				this.put(0x8a, 2, 7, 0x80, 0x8b, 7, 0x60, 0x85, 0x74, 5, 8, 2, [5, 7, 1, draw(9)][draw(4)]!);
				this.put(0xac);
				this.sized(() => {
					this.put(0x80);
					this.octets([8, 16, 32, draw(70)][draw(4)]!);
				});
			}
			this.put(0xbe);
			this.sized(() => {
				this.put(4);
				this.sized(() => {
					if (draw(3) === 0) {
						this.put([0x21, 0xdb, 0xdd][draw(3)]!);
						this.sealed();
					} else this.put(1, 0, 0, 0, 6, 0x5f, 0x1f, 4, 0, draw(256), draw(256), draw(256), 4, draw(256));
				});
			});
		});
	}
}
