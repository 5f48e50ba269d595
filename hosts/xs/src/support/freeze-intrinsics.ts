// SPDX-License-Identifier: Apache-2.0

/**
 * Freezes every object reachable from the built-ins, as the linker of the board does; only the global object stays open.
 * Preloaded before every other module.
 */
function freezeReachable(roots: readonly unknown[]): void {
	const seen = new Set<unknown>();
	const pending = [...roots];
	while (pending.length > 0) {
		const value = pending.pop();
		if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
		seen.add(value);
		if (value !== globalThis) Object.freeze(value);
		pending.push(Object.getPrototypeOf(value));
		for (const key of Reflect.ownKeys(value)) {
			const property = Object.getOwnPropertyDescriptor(value, key);
			if (property !== undefined) pending.push(property.get, property.set, property.value);
		}
	}
}

freezeReachable([
	globalThis,
	// reached by syntax only
	Object.getPrototypeOf(function* () {}),
	Object.getPrototypeOf(async () => {}),
	Object.getPrototypeOf(async function* () {}),
	Object.getPrototypeOf([][Symbol.iterator]()),
	Object.getPrototypeOf(new Map().entries()),
	Object.getPrototypeOf(new Set().entries()),
	Object.getPrototypeOf(""[Symbol.iterator]()),
	Object.getPrototypeOf("".matchAll(/./g)),
]);
