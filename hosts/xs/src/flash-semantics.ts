// SPDX-License-Identifier: Apache-2.0
import { EngineFlash } from "./support/engine-flash.js";

// Preloaded, hence in flash: the list follows the behaviour of a linked binary.
const plainObject = { a: 1 };
const plainArray = [1, 2, 3];
const frozenObject = Object.freeze({ a: 1 });
const bytes = new Uint8Array(4);
const map = new Map([[1, 1]]);
const set = new Set([1]);
let counter = 0;
class Holder {
	static value = 1;
	value = 1;
}
const holder = new Holder();
class Secret {
	#value = 1;
	increment(): number {
		return ++this.#value;
	}
}
const secret = new Secret();
const frozenSecret = Object.freeze(new Secret());

function refuses(write: () => void): boolean {
	try {
		write();
		return false;
	} catch (error) {
		return error instanceof TypeError;
	}
}

function testPreloadedObjects(): void {
	plainObject.a = 2;
	check("a preloaded plain object can be written, as a copy in RAM", plainObject.a === 2);
	plainArray[1] = 9;
	plainArray.push(4);
	check("a preloaded plain array can be written, as a copy in RAM", plainArray.join() === "1,9,3,4");
	holder.value = 2;
	check("a preloaded class instance can be written, as a copy in RAM", holder.value === 2);
	check("private fields of a preloaded instance can be written, as a copy in RAM", secret.increment() === 2);
	check(
		"private fields of a preloaded frozen instance are read-only",
		refuses(() => void frozenSecret.increment()),
	);
	counter++;
	check("a preloaded `let` can be assigned", counter === 1);
	check(
		"a preloaded frozen object is read-only",
		refuses(() => Object.assign(frozenObject, { a: 2 })),
	);
	check(
		"a preloaded typed array is read-only",
		refuses(() => void bytes.fill(1)) && refuses(() => void (bytes[0] = 1)),
	);
	check(
		"a view on a preloaded buffer is read-only",
		refuses(() => new DataView(bytes.buffer).setUint8(0, 1)),
	);
	check("a preloaded Map is read-only", refuses(() => map.set(2, 2)) && map.size === 1);
	check("a preloaded Set is read-only", refuses(() => set.add(2)) && set.size === 1);
	check(
		"a static property of a preloaded class is read-only",
		refuses(() => Object.assign(Holder, { value: 2 })),
	);
	check(
		"a prototype of a preloaded class is read-only",
		refuses(() => Object.assign(Holder.prototype, { value: 2 })),
	);
	check(
		"built-in prototypes are read-only",
		refuses(() => Object.assign(Array.prototype, { sx402: 1 })),
	);
}

function testNorFlash(): void {
	const flash = new EngineFlash();
	const octets = new Uint8Array(3);
	flash.read(4095, octets.subarray(0, 1));
	check("flash is all ones at first", octets[0] === 0xff);
	flash.program(4095, Uint8Array.of(0xf0, 0x0f));
	flash.program(4095, Uint8Array.of(0x3c));
	flash.read(4094, octets);
	check("programming only clears bits and crosses sectors", octets.join() === "255,48,15");
	flash.erase(0);
	flash.read(4094, octets);
	check("erasing sets one sector to ones", octets.join() === "255,255,15");
	let refused = 0;
	for (const address of [-1, 8190, Number.NaN]) {
		try {
			flash.read(address, octets);
		} catch (error) {
			if (error instanceof RangeError) refused++;
		}
	}
	check("addresses outside the flash are refused", refused === 3);
}

/** Proves that the harness behaves like the board: what is in flash, and the flash itself. */
export default function run(): void {
	testPreloadedObjects();
	testNorFlash();
}
