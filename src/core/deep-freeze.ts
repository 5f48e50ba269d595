// SPDX-License-Identifier: Apache-2.0

/**
 * Freezes `value` and everything reachable from it through own properties, and returns it.
 *
 * Typed arrays cannot be frozen and are left alone. Tables frozen at module level stay in flash on the board.
 */
export function deepFreeze<T>(value: T): T {
	if ((typeof value === "object" || typeof value === "function") && value !== null && !Object.isFrozen(value)) {
		if (ArrayBuffer.isView(value)) return value;
		Object.freeze(value);
		for (const name of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[name]);
	}
	return value;
}
